/** What the CLI says, in Vietnamese and English; one table so that no sentence exists in one language only. */
import type { LiveState } from "../../playback/model/live.ts";
import type { RefusalReason } from "../../playback/model/refusal.ts";
import type { Severity } from "../health/kinds/kind.ts";
import { fill } from "./fill.ts";
import { SETUP_SENTENCES } from "./setup-words.ts";

export type Language = "vi" | "en";

const SENTENCES = {
  daemonDown: {
    vi: "Không có agent nào trả lời ở {socket}.\nThử: systemctl status loa, hoặc chạy `loa run`; `loa doctor` vẫn dùng được.",
    en: "No agent answers on {socket}.\nTry: systemctl status loa, or start one with `loa run`; `loa doctor` works without it.",
  },
  noPermission: {
    vi: "Không được phép dùng {socket}: hãy vào nhóm của tệp này hoặc dùng sudo.",
    en: "You may not use {socket}: join the group that owns it, or use sudo.",
  },
  onAir: { vi: "Đang phát", en: "On air" },
  over: { vi: "Phát đè", en: "Over it" },
  silence: { vi: "im lặng", en: "silence" },
  source: { vi: "Nguồn", en: "Source" },
  waiting: { vi: "Đang chờ", en: "Waiting" },
  next: { vi: "Sắp phát", en: "Next" },
  nothing: { vi: "không có", en: "none" },
  clock: { vi: "Đồng hồ", en: "Clock" },
  output: { vi: "Vùng loa", en: "Output" },
  sound: { vi: "Âm thanh", en: "Sound" },
  noSound: { vi: "máy này không phát tiếng (station.yaml)", en: "this computer has none (station.yaml)" },
  amplifier: { vi: "Tăng âm", en: "Amplifier" },
  link: { vi: "Kết nối", en: "Link" },
  connected: { vi: "đã kết nối", en: "connected" },
  offline: { vi: "mất kết nối (lịch vẫn phát)", en: "offline (schedules play on)" },
  volume: { vi: "Âm lượng", en: "Volume" },
  muted: { vi: "ĐANG TẮT TIẾNG", en: "MUTED" },
  unmuted: { vi: "Đã bật tiếng lại.", en: "Sound is on again." },
  nowMuted: { vi: "Đã tắt tiếng; chỉ bản tin khẩn cấp được phát.", en: "Muted; only emergencies sound." },
  emergencies: { vi: "Khẩn cấp", en: "Emergencies" },
  stopped: { vi: "Đã dừng: {ids}", en: "Stopped: {ids}" },
  noEmergency: { vi: "Không có bản tin khẩn cấp nào đang hiệu lực.", en: "No emergency stands." },
  media: { vi: "Tệp phát", en: "Media" },
  journal: { vi: "Nhật ký phát", en: "Journal" },
  records: { vi: "bản ghi", en: "records" },
  concerns: { vi: "Vấn đề", en: "Concerns" },
  cause: { vi: "nguyên nhân", en: "cause" },
  allWell: { vi: "Mọi thứ bình thường.", en: "All is well." },
  journalIntact: { vi: "Nhật ký nguyên vẹn: {count} bản ghi.", en: "The journal is intact: {count} records." },
  journalBroken: {
    vi: "NHẬT KÝ ĐÃ BỊ SỬA từ bản ghi {seq}: {problem}",
    en: "THE JOURNAL WAS ALTERED from record {seq} on: {problem}",
  },
  decidedAt: { vi: "Lúc {at} (đồng hồ: {clock})", en: "At {at} (clock: {clock})" },
  holds: { vi: "Quyền phát", en: "Holds the output" },
  refused: { vi: "Không phát", en: "Not played" },
  heard: { vi: "Đã ghi trong nhật ký", en: "In the journal" },
  torn: { vi: "(ngắt tiếng {times} lần)", en: "(torn {times} times)" },
  madeSafe: { vi: "đã tắt và ngắt tiếng", en: "off and muted" },
  notSafe: {
    vi: "KHÔNG tắt được: ngắt nguồn tăng âm bằng tay",
    en: "could NOT be switched off: cut its power by hand",
  },
  faceScreen: { vi: "Màn hình", en: "Screen" },
  faceDark: { vi: "tắt theo giờ", en: "dark by its hours" },
  faceUnconfirmed: {
    vi: "CHƯA XÁC NHẬN từ {seconds} s: trang hiển thị không trả lời đúng nội dung này.",
    en: "NOT CONFIRMED for {seconds} s: the page does not answer that it shows this.",
  },
  faceLacks: { vi: "thiếu", en: "lacks" },
  faceController: { vi: "bộ điều khiển", en: "controller" },
  faceLook: { vi: "ảnh chụp gần nhất: {verdict} ({at})", en: "last picture: {verdict} ({at})" },
  facePattern: {
    vi: "{faces}: đang chiếu hình thử trong {seconds} s.",
    en: "{faces}: the pattern stands for {seconds} s.",
  },
  faceLight: {
    vi: "{faces}: độ sáng {percent} % trong một giờ, sau đó theo quy tắc.",
    en: "{faces}: brightness {percent} % for one hour, then by the rules again.",
  },
  faceLightAuto: { vi: "{faces}: độ sáng theo quy tắc.", en: "{faces}: brightness by the rules." },
  facePicture: { vi: "{file}: {size}, chụp lúc {at}", en: "{file}: {size}, taken at {at}" },
  configOk: { vi: "{file}: hợp lệ.", en: "{file}: correct." },
  configBad: { vi: "{file}: có {count} lỗi", en: "{file}: {count} mistake(s)" },
  configLayer: { vi: "lớp", en: "layer" },
  configPending: {
    vi: "ĐANG CHỜ XÁC NHẬN: tự trả lại sau {seconds} s.",
    en: "WAITS FOR CONFIRMATION: taken back in {seconds} s.",
  },
  configWaiting: { vi: "Cấu hình mới chưa áp dụng: {why}", en: "A new configuration is not applied yet: {why}" },
  configFailed: { vi: "Đã bị trả lại: {digests}", en: "Taken back: {digests}" },
  configSame: { vi: "Không khác cấu hình đã xác nhận.", en: "Nothing differs from what is confirmed." },
  enrolment: { vi: "Đăng ký: {state}, chứng thư đến {ends}", en: "Enrolment: {state}, certificate until {ends}" },
  commissioned: {
    vi: "{station} (xã {commune}) đã sẵn sàng. So khoá gốc với giấy: {root}",
    en: "{station} (commune {commune}) is commissioned. Compare the root keys with the paper: {root}",
  },
  commissionedNext: {
    vi: "Tiếp theo: khởi động dịch vụ loa, rồi `loa import {folder}`.",
    en: "Next: start the loa service, then `loa import {folder}`.",
  },
  resetWarning: {
    vi: "loa factory-reset --yes: xoá vĩnh viễn {state}, cả khoá và nhật ký",
    en: "loa factory-reset --yes: erases {state} for good, with its key and journal",
  },
  resetRunning: {
    vi: "Agent đang chạy: dừng dịch vụ loa trước (systemctl stop loa).",
    en: "The agent is running: stop the loa service first (systemctl stop loa).",
  },
  resetDone: { vi: "{station} đã trở về trắng.", en: "{station} is blank again." },
  usage: { vi: "Cách dùng", en: "Usage" },
  raised: {
    vi: "Đã phát cảnh báo {id}. Dừng: `loa emergency stop`.",
    en: "Alert {id} is raised. To end it: `loa emergency stop`.",
  },
  paging: {
    vi: "Sau tiếng chuông, mời nói. Ctrl-C để dừng.",
    en: "Speak after the chime. Ctrl-C ends it.",
  },
  cutOff: { vi: "bị ngắt giữa chừng", en: "cut off" },
  recordingLost: { vi: "mất {seconds} s", en: "{seconds} s lost" },
  recordingAltered: {
    vi: "CẢNH BÁO: bản ghi không còn như lúc ghi (thẻ nhớ hỏng hoặc bị sửa): mã băm khác với nhật ký.",
    en: "WARNING: this is no longer what was recorded (a bad card, or altered): its digest differs from the journal.",
  },
  noPage: { vi: "Không có ai đang nói tại chỗ.", en: "Nobody speaks on the spot." },
  connecting: { vi: "đang nối  ", en: "connecting" },
  carrying: { vi: "đang truyền", en: "carrying  " },
  losses: { vi: "mất {n} lần", en: "lost {n} times" },
  means: { vi: "Nghĩa là", en: "It means" },
  whyItMatters: { vi: "Vì sao quan trọng", en: "Why it matters" },
  toDo: { vi: "Việc cần làm", en: "What to do" },
  checkedBy: { vi: "Kiểm tra bằng", en: "Checked by" },
  noSuchConcern: { vi: "Không có vấn đề nào tên '{code}'.", en: "There is no concern '{code}'." },
  noSuchCheck: {
    vi: "Không có mục kiểm tra nào tên '{names}'. Các mục: {known}.",
    en: "There is no check '{names}'. The checks: {known}.",
  },
  safeModeOn: {
    vi: "CHẾ ĐỘ AN TOÀN: lịch tốt gần nhất và khẩn cấp; tự rời sau {minutes} phút.",
    en: "SAFE MODE: last good schedule and emergencies; left by itself in {minutes} minutes.",
  },
  safeModeOff: { vi: "Trạm không ở chế độ an toàn.", en: "The station is not in safe mode." },
  safeModeLeft: {
    vi: "Đã rời chế độ an toàn; agent đang khởi động lại.",
    en: "Safe mode is left; the agent restarts.",
  },
  safeModeNext: {
    vi: "Lần khởi động sau sẽ chạy đầy đủ.",
    en: "The next start is a full one.",
  },
  safeModeShort: { vi: "CHẾ ĐỘ AN TOÀN", en: "SAFE MODE" },
  noLog: {
    vi: "Máy này không có nhật ký hệ thống, và station.yaml không nêu tệp nào (`log.file`).",
    en: "This machine has no system journal, and station.yaml names no file (`log.file`).",
  },
  none: { vi: "không có / bỏ qua", en: "none / skip" },
  noAmplifier: {
    vi: "Không có tăng âm nào có dây điều khiển ở đây: {outputs}",
    en: "No amplifier with lines is here: {outputs}",
  },
  fingerOnRelay: {
    vi: "Rơ-le tăng âm sắp đóng mở. Đặt ngón tay lên rơ-le; tiếp tục?",
    en: "The amplifier's relays will move. Lay a finger on them; go on?",
  },
  wiringWell: { vi: "đấu nối đúng", en: "wired well" },
  wiringBad: { vi: "ĐẤU NỐI SAI hoặc rơ-le không nghe", en: "WIRED WRONGLY, or a relay does not obey" },
  cardSpeed: {
    vi: "ghi và đồng bộ 4 KiB: thường {median} ms, chậm nhất {worst} ms",
    en: "synced write of 4 KiB: {median} ms typical, {worst} ms at worst",
  },
  bundled: {
    vi: "Đã ghi {file} ({kilobytes} kB), không có mật khẩu hay khoá.",
    en: "Wrote {file} ({kilobytes} kB), without passwords or keys.",
  },
  ...SETUP_SENTENCES,
  unknownCommand: { vi: "Không có lệnh '{name}'.", en: "There is no command '{name}'." },
} as const satisfies Record<string, Record<Language, string>>;

export const REASON_WORDS: Record<RefusalReason, Record<Language, string>> = {
  "too-large": { vi: "tài liệu quá lớn", en: "document too large" },
  malformed: { vi: "tài liệu sai dạng", en: "malformed" },
  "bad-signature": { vi: "chữ ký không hợp lệ", en: "bad signature" },
  "threshold-not-reached": { vi: "chưa đủ số chữ ký", en: "not enough signatures" },
  "wrong-audience": { vi: "không dành cho trạm này", en: "not for this station" },
  "out-of-scope": { vi: "vượt quyền của khoá", en: "beyond the key's scope" },
  older: { vi: "cũ hơn bản đã nhận", en: "older than what was adopted" },
  duplicate: { vi: "đã nhận rồi", en: "adopted already" },
  expired: { vi: "đã hết hạn", en: "expired" },
  policy: { vi: "trái quy chế", en: "against policy" },
  unsupported: { vi: "phiên bản này chưa hỗ trợ", en: "not supported by this version" },
  "quiet-hours": { vi: "trong giờ yên tĩnh", en: "quiet hours" },
  suspended: { vi: "đang tạm ngừng theo lệnh", en: "suspended" },
  muted: { vi: "đang tắt tiếng", en: "muted" },
  released: { vi: "người nói đã kết thúc", en: "ended by who began it" },
  "emergency-stopped": { vi: "đã dừng khẩn cấp tại chỗ", en: "stopped on the spot" },
  "clock-not-trusted": { vi: "đồng hồ chưa tin cậy", en: "clock not trusted" },
  "too-late": { vi: "đã qua giờ", en: "too late" },
  "digest-not-approved": { vi: "tệp chưa được duyệt", en: "media not approved" },
  "media-missing": { vi: "thiếu tệp", en: "media missing" },
  "media-altered": { vi: "tệp bị sửa", en: "media altered" },
  "media-unplayable": { vi: "tệp không phát được", en: "media cannot be played" },
  "no-voice": { vi: "máy không có giọng đọc tiếng này", en: "no voice for this language" },
  "source-not-approved": { vi: "nguồn trực tiếp chưa được duyệt", en: "live source not approved" },
  "source-lost": { vi: "mất nguồn trực tiếp", en: "live source lost" },
  "source-silent": { vi: "nguồn trực tiếp không có tiếng", en: "live source silent" },
  "no-output": { vi: "không có card âm thanh", en: "no sound output" },
  "no-picture": { vi: "không chụp được hình của bảng", en: "no picture of the board" },
  "session-limit": { vi: "quá số buổi hoặc thời lượng cho phép", en: "session limit reached" },
  "on-battery": { vi: "đang chạy pin", en: "on battery" },
  "over-budget": { vi: "hết hạn mức dữ liệu", en: "data budget spent" },
};

export const CLASS_WORDS: Record<string, Record<Language, string>> = {
  filler: { vi: "nền", en: "filler" },
  normal: { vi: "thông thường", en: "normal" },
  priority: { vi: "ưu tiên", en: "priority" },
  live: { vi: "trực tiếp", en: "live" },
  emergency: { vi: "KHẨN CẤP", en: "EMERGENCY" },
};

export const LIVE_WORDS: Record<LiveState, Record<Language, string>> = {
  connecting: { vi: "đang kết nối", en: "connecting" },
  playing: { vi: "đang nghe được", en: "heard" },
  silent: { vi: "không có tiếng", en: "silent" },
  stalled: { vi: "đang bị ngắt", en: "stalled" },
  fallback: { vi: "mất nguồn, phát thay thế", en: "lost, something else sounds" },
};

export const SEVERITY_WORDS: Record<Severity, Record<Language, string>> = {
  critical: { vi: "nghiêm trọng", en: "critical" },
  warning: { vi: "cảnh báo", en: "warning" },
  notice: { vi: "lưu ý", en: "notice" },
};

export const TRUST_WORDS: Record<string, Record<Language, string>> = {
  unknown: { vi: "chưa biết giờ", en: "unknown" },
  floor: { vi: "chỉ biết cận dưới", en: "lower bound only" },
  held: { vi: "được giữ", en: "held" },
  attested: { vi: "đã chứng thực", en: "attested" },
};

export type Sentence = keyof typeof SENTENCES;

export class Words {
  readonly language: Language;

  constructor(language: Language) {
    this.language = language;
  }

  /** The sentence with its `{names}` filled in. */
  say(sentence: Sentence, values: Record<string, string | number> = {}): string {
    return fill(SENTENCES[sentence][this.language], values);
  }

  pick(pair: Record<Language, string> | undefined, otherwise = ""): string {
    return pair?.[this.language] ?? otherwise;
  }

  /** Local date and time of an RFC 3339 text in a zone. */
  time(at: string | null, zone = "Asia/Ho_Chi_Minh"): string {
    if (at === null) return "—";
    return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(
      new Date(at),
    );
  }
}

/** `--lang` was resolved by the caller; otherwise the environment's, and Vietnamese where it says nothing. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const wanted = environment.LOA_LANG ?? environment.LC_ALL ?? environment.LANG ?? "";
  return wanted.toLowerCase().startsWith("en") ? "en" : "vi";
}
