/** The database of schedules and journal. */
import { join } from "node:path";
import { type DatabaseFinding, inspectDatabase } from "../../../storage/inspect.ts";
import { DATABASE_FILE } from "../../../storage/store.ts";
import { pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading extends DatabaseFinding {
  readonly file: string;
}

export function judgeDatabase({ file, state, problem, aside }: Reading): Verdict {
  if (state === "absent")
    return well(pair(`${file}: chưa có, agent sẽ tạo`, `${file}: not there yet, the agent makes it`));
  if (state === "damaged") {
    return {
      state: "bad",
      finding: `${file}: ${problem}`,
      cause: pair(
        "Tệp cơ sở dữ liệu bị hỏng (thẻ nhớ hoặc mất điện).",
        "The database file is damaged (card or power cut).",
      ),
      advice: pair(
        "Khởi động lại dịch vụ (agent tự làm lúc yên tĩnh nếu tự thấy lỗi): agent cất tệp hỏng sang bên, bắt đầu tệp mới và lấy lại lịch từ bản lưu. Nếu lặp lại, thay thẻ nhớ.",
        "Restart the service (an agent that has met the damage does so by itself in a quiet moment): it puts the damaged file aside, begins a new one and takes schedules back from its snapshot. If it comes again, replace the card.",
      ),
      commands: ["systemctl restart loa"],
    };
  }
  if (state === "refused") {
    return {
      state: "bad",
      finding: `${file}: ${problem}`,
      cause: pair("Không mở được cơ sở dữ liệu.", "The database cannot be opened."),
      advice: pair(
        "Chạy lại với sudo; nếu vẫn vậy, xem mục thư mục trạng thái và gắn phân vùng.",
        "Run this again with sudo; if it stays, look at the checks of state and mount.",
      ),
    };
  }
  if (aside.length > 0) {
    return {
      state: "bad",
      finding: `${file}; ${aside.join(", ")}`,
      cause: pair(
        "Cơ sở dữ liệu đã từng bị hỏng; tệp cũ còn giữ lại.",
        "The database was damaged once; the old file is kept.",
      ),
      advice: pair(
        "Gửi tệp cũ cho tỉnh nếu cần nhật ký trong đó, rồi xoá.",
        "Send the old file to the province if its journal is needed, then remove it.",
      ),
      commands: aside.map((name) => `rm ${name} ${name}-wal ${name}-shm -f`),
    };
  }
  return well(`${file}: quick_check ok`);
}

export const database = stationCheck(
  {
    name: "database",
    title: pair("cơ sở dữ liệu", "database"),
    codes: ["storage-spoilt", "storage-recovered", "journal-disputed", "journal-pruned"],
  },
  async (file): Promise<Reading> => {
    const name = join(file.state, DATABASE_FILE);
    return { file: name, ...(await inspectDatabase(name)) };
  },
  judgeDatabase,
);
