/** The words of the report in both languages. */
import type { SlotOutcome } from "../../playback/ports/play-log.ts";
import type { Outage, StatedLevel } from "./report.ts";

export interface Pair {
  readonly vi: string;
  readonly en: string;
}

export const OUTCOME_WORDS: Readonly<Record<SlotOutcome, Pair>> = {
  played: { vi: "phát trọn vẹn", en: "played whole" },
  partial: { vi: "phát một phần", en: "played in part" },
  interrupted: { vi: "bị ngắt", en: "interrupted" },
  missed: { vi: "bỏ lỡ", en: "missed" },
  refused: { vi: "từ chối", en: "refused" },
  failed: { vi: "lỗi", en: "failed" },
};

export const LEVEL_WORDS: Readonly<Record<StatedLevel, Pair>> = {
  central: { vi: "trung ương", en: "central" },
  province: { vi: "tỉnh", en: "province" },
  commune: { vi: "xã", en: "commune" },
  unstated: { vi: "không ghi", en: "unstated" },
};

export const OUTAGE_WORDS: Readonly<Record<Outage["kind"], Pair>> = {
  agent: { vi: "agent không chạy", en: "agent down" },
  link: { vi: "mất kết nối", en: "no link" },
  clock: { vi: "lịch chờ đồng hồ", en: "schedules waited for the time" },
};

export const KIND_WORDS = {
  adopted: { vi: "tiếp nhận", en: "adopted" },
  refused: { vi: "từ chối", en: "refused" },
  withdrawn: { vi: "rút lại", en: "withdrawn" },
  control: { vi: "thao tác", en: "control" },
} as const satisfies Record<string, Pair>;

export const CONTROL_WORDS: Readonly<Record<string, Pair>> = {
  muted: { vi: "tắt tiếng", en: "mute" },
  unmuted: { vi: "bật tiếng", en: "unmute" },
  volume: { vi: "âm lượng", en: "volume" },
  "emergency-stop": { vi: "dừng khẩn cấp", en: "emergency stop" },
  imported: { vi: "nạp từ USB", en: "import from a stick" },
};
