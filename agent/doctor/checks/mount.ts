/** How the data partition is mounted: what is not written in order is lost with a power cut. */
import { type Mount, mountOf } from "../../../drivers/host/mount.ts";
import { isUnsafe } from "../../health/storage-limits.ts";
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly mount: Mount | null;
  readonly fstab: string;
}

export function judgeMount({ mount, fstab }: Reading): Verdict {
  if (mount === null) return nothing("không biết phân vùng", "the partition is not known");
  const finding = `${mount.point} ${mount.type} ${mount.options.join(",")}`;
  if (mount.readOnly) {
    return {
      state: "bad",
      finding,
      cause: pair(
        "Phân vùng chỉ đọc: thẻ nhớ báo lỗi, hoặc được gắn như vậy.",
        "The partition is read-only: the card failed, or it was mounted so.",
      ),
      advice: pair(
        "Gắn lại để ghi; nếu lặp lại thì thay thẻ nhớ.",
        "Mount it for writing again; if it comes back, replace the card.",
      ),
      commands: [`mount -o remount,rw ${mount.point}`],
    };
  }
  if (!isUnsafe(mount)) return well(finding);
  return {
    state: "bad",
    finding,
    cause: pair(
      "data=writeback hoặc commit dài: mất điện có thể làm mất nhật ký và hỏng cơ sở dữ liệu.",
      "data=writeback or a long commit: a power cut may lose the journal and spoil the database.",
    ),
    advice: pair(
      `Trong ${fstab}, bỏ data=writeback và đặt commit=30, rồi khởi động lại; dòng thứ hai có hiệu lực ngay cho commit.`,
      `In ${fstab} take out data=writeback and set commit=30, then restart the board; the second line does it at once for commit.`,
    ),
    commands: [
      `sed -i -E 's/,?data=writeback//; s/commit=[0-9]+/commit=30/' ${fstab}`,
      `mount -o remount,commit=30 ${mount.point}`,
    ],
  };
}

export const mount = stationCheck(
  { name: "mount", title: pair("gắn phân vùng", "mount"), codes: ["disk-unsafe-mount"] },
  async (file, { machine }): Promise<Reading> => {
    const text = (await machine.read("/proc/self/mountinfo")) ?? "";
    return { mount: mountOf(await machine.realpath(file.state), text), fstab: machine.at("/etc/fstab") };
  },
  judgeMount,
);
