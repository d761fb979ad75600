/** How the agent started lately: whether it failed again and again, and whether it runs in safe mode. */
import { readStarts } from "../../start/start-book.ts";
import type { StartMemory } from "../../start/start-memory.ts";
import { pair, stationCheck, type Verdict, well } from "../check.ts";

export function judgeStarts({ open, safe }: StartMemory): Verdict {
  if (safe !== null) {
    return {
      state: "bad",
      finding: pair(`chế độ an toàn (${safe.rung}): ${safe.why}`, `safe mode (${safe.rung}): ${safe.why}`),
      cause: pair(
        "Agent đã chết ba lần trong mười phút khi chạy đầy đủ.",
        "The agent died three times within ten minutes of running in full.",
      ),
      advice: pair(
        "Sửa những mục ✗ khác, xem lý do bằng `loa logs`, rồi rời chế độ an toàn (tự rời sau 30 phút ổn định).",
        "Mend what else is marked ✗, see why with `loa logs`, then leave safe mode (by itself after 30 stable minutes).",
      ),
      commands: ["loa safe-mode leave"],
    };
  }
  // The one that runs is open until it has been good for a minute.
  if (open.length < 2) return well(pair("khởi động bình thường", "starts well"));
  return {
    state: "bad",
    finding: pair(`${open.length} lần khởi động chưa tốt`, `${open.length} starts that were not good`),
    cause: pair("Agent vừa chết khi đang khởi động.", "The agent died while it started."),
    advice: pair(
      "Xem lý do bằng `loa logs` và sửa; chờ một phút sau khi agent chạy ổn rồi kiểm tra lại.",
      "See why with `loa logs` and mend it; a minute after the agent runs well, check again.",
    ),
    commands: ["loa logs"],
  };
}

export const starts = stationCheck(
  { name: "starts", title: pair("khởi động", "starts"), codes: ["safe-mode"] },
  ({ state }) => readStarts(state),
  judgeStarts,
);
