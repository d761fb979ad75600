/** What `loa simulate` says, in Vietnamese and English. */
import type { TimelineEntry } from "../simulate/timeline.ts";
import type { Language } from "./words.ts";

type Pair = Record<Language, string>;

export const SIMULATION = {
  claims: {
    vi: "Mô phỏng này khẳng định các quyết định, không khẳng định âm thanh: không có mẫu âm nào được tạo ra.",
    en: "This simulation claims decisions, not sound: no sample was ever made.",
  },
  proof: { vi: "Bằng chứng phát", en: "Proof of play" },
  outbox: {
    vi: "Hộp gửi: {issued} sự kiện, {received} đã đến nguồn tỉnh, {waiting} còn chờ ({bytes} byte). Nhật ký: {count} bản ghi.",
    en: "Outbox: {issued} events, {received} arrived at the province, {waiting} still wait ({bytes} bytes). Journal: {count} records.",
  },
  asExpected: { vi: "Đúng như mong đợi.", en: "As expected." },
  otherwise: { vi: "KHÁC với mong đợi:", en: "OTHER than expected:" },
  faults: { vi: "LỖI trong máy mô phỏng:", en: "FAULTS in the machinery:" },
  mistakes: { vi: "{file}: có {count} lỗi", en: "{file}: {count} mistake(s)" },
} as const satisfies Record<string, Pair>;

const WHAT: Readonly<Record<string, Pair>> = {
  started: { vi: "bo mạch khởi động, đồng hồ:", en: "the board starts, clock:" },
  "power-cut": { vi: "MẤT NGUỒN trong", en: "POWER CUT for" },
  "battery-flat": { vi: "ẮC QUY CẠN, bo mạch tắt", en: "BATTERY FLAT, the board is off" },
  "link-up": { vi: "có mạng lại", en: "the link is back" },
  "link-down": { vi: "MẤT MẠNG", en: "THE LINK IS GONE" },
  "mains-on": { vi: "có điện lưới", en: "the mains are back" },
  "mains-off": { vi: "MẤT ĐIỆN LƯỚI", en: "THE MAINS ARE GONE" },
  "clock-jump": { vi: "đồng hồ hệ thống bị đặt lệch", en: "the system clock is set by" },
  battery: { vi: "ắc quy còn", en: "the battery holds" },
  sensor: { vi: "cảm biến nguồn:", en: "the supply's sensor:" },
  document: { vi: "nguồn tỉnh hoặc xã ký:", en: "signed at the source:" },
  media: { vi: "tệp", en: "medium" },
  mute: { vi: "tắt tiếng tại chỗ", en: "muted on the spot" },
  unmute: { vi: "bật tiếng lại tại chỗ", en: "unmuted on the spot" },
  heard: { vi: "♪ phát", en: "♪ on air" },
  adopted: { vi: "nhận", en: "adopted" },
  refused: { vi: "TỪ CHỐI tài liệu", en: "REFUSED a document" },
  withdrawn: { vi: "thu hồi", en: "withdrawn" },
  "command-result": { vi: "lệnh", en: "command" },
  "slot-played": { vi: "✓ đã phát", en: "✓ played" },
  "slot-partial": { vi: "◐ phát một phần", en: "◐ partly played" },
  "slot-interrupted": { vi: "✂ bị ngắt", en: "✂ interrupted" },
  "slot-missed": { vi: "✗ lỡ giờ", en: "✗ missed" },
  "slot-refused": { vi: "✗ không phát", en: "✗ not played" },
  "slot-failed": { vi: "✗ không phát được", en: "✗ could not play" },
};

/** One line about one entry, without its time. */
export function entryLine({ what, about, detail }: TimelineEntry, language: Language): string {
  return [WHAT[what]?.[language] ?? what, about ?? "", detail].filter((part) => part !== "").join(" ");
}
