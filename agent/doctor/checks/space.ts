/** Room on the data partition. */
import { isLow } from "../../health/storage-limits.ts";
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly folder: string;
  readonly space: { readonly free: number; readonly size: number } | null;
}

const mega = (bytes: number) => Math.round(bytes / 1e6);

export function judgeSpace({ folder, space }: Reading): Verdict {
  if (space === null) return nothing("không đọc được dung lượng", "the space cannot be read");
  const finding = pair(
    `${folder}: còn ${mega(space.free)} / ${mega(space.size)} MB`,
    `${folder}: ${mega(space.free)} of ${mega(space.size)} MB free`,
  );
  if (!isLow(space)) return well(finding);
  return {
    state: "bad",
    finding,
    cause: pair("Phân vùng gần đầy.", "The partition is nearly full."),
    advice: pair(
      "Dọn nhật ký hệ thống và gói đã tải; nếu vẫn thiếu, xem thư mục nào lớn, giảm `media.quotaBytes` hoặc thay thẻ lớn hơn.",
      "Clear the system's log and fetched packages; if that is not enough, see which folder is large, lower `media.quotaBytes` or fit a larger card.",
    ),
    commands: ["journalctl --vacuum-size=32M", "apt-get clean"],
  };
}

export const space = stationCheck(
  {
    name: "space",
    title: pair("dung lượng", "space"),
    codes: ["disk-low", "cache-over-quota", "recording-failed"],
  },
  async (file, { machine }): Promise<Reading> => ({ folder: file.state, space: await machine.space(file.state) }),
  judgeSpace,
);
