/** What the story says, in Vietnamese and English. Titles of programmes are the station's own and stay as they are. */
import { fill } from "../../agent/cli/fill.ts";
import type { Language } from "../../agent/cli/words.ts";

export const SENTENCES = {
  media: {
    vi: "Chuẩn bị bản ghi thật: giọng đọc espeak-ng, còi, nhạc hiệu",
    en: "Making real media: speech, siren, chime",
  },
  stage: {
    vi: "Dựng cụm loa: nguồn cấp tỉnh, broker riêng, máy chủ tệp, phần cứng mô phỏng, agent, bảng điện tử hai mặt",
    en: "Setting up: provincial source, private broker, media server, simulated hardware, agent, a board of two faces",
  },
  soundPrivate: {
    vi: "Âm thanh: card ảo thời gian thực (máy này không có âm thanh)",
    en: "Sound: a real-time virtual card (this machine has no sound of its own)",
  },
  soundPassedOn: {
    vi: "Âm thanh: ghi từ card ảo riêng, đồng thời phát ra loa của máy qua {through}",
    en: "Sound: recorded from a private virtual card and passed on to this machine's own through {through}",
  },
  ready: {
    vi: "Sẵn sàng sau {seconds} giây; câu chuyện bắt đầu lúc {when}",
    en: "Ready after {seconds} s; the story begins at {when}",
  },
  ask: { vi: "Hỏi trạm từ cửa sổ khác: {command}", en: "Ask the station from another terminal: {command}" },
  broken: { vi: "CỐ Ý LÀM HỎNG: {what}", en: "BROKEN ON PURPOSE: {what}" },
  onAir: { vi: "Lên sóng: {title} · {item}", en: "On air: {title} · {item}" },
  silent: { vi: "Hết phát", en: "Off air" },
  alert: { vi: "KHẨN CẤP được ban hành: {title}", en: "EMERGENCY published: {title}" },
  stopped: {
    vi: "Đã DỪNG THẬT broker, nguồn cấp tỉnh và máy chủ tệp",
    en: "Broker, source and media server are REALLY STOPPED",
  },
  killed: { vi: "Agent bị SIGKILL giữa bản tin (pid {pid})", en: "The agent is SIGKILLed inside an item (pid {pid})" },
  restarted: { vi: "Agent chạy lại (pid {pid}) sau {ms} ms", en: "The agent runs again (pid {pid}) after {ms} ms" },
  returned: { vi: "Broker, nguồn và máy chủ tệp đã trở lại", en: "Broker, source and media server are back" },
  linkUp: { vi: "Đã kết nối lại với tỉnh", en: "Linked to the province again" },
  linkDown: { vi: "Mất kết nối với tỉnh; lịch vẫn phát", en: "The link is down; schedules play on" },
  published: { vi: "Tỉnh gửi lịch mới: {title}", en: "The province sends a new schedule: {title}" },
  heard: {
    vi: "✔ Nghe thấy {title} · {item}: lệch {error} ms, dài {length} ms",
    en: "✔ Heard {title} · {item}: {error} ms off, {length} ms long",
  },
  notHeard: { vi: "✘ {title} · {item}: {why}", en: "✘ {title} · {item}: {why}" },
  proved: { vi: "✔ {what}", en: "✔ {what}" },
  notProved: { vi: "✘ {what}: {detail}", en: "✘ {what}: {detail}" },
  interrupted: { vi: "Dừng theo yêu cầu; đang kiểm tra phần đã đến hạn", en: "Asked to stop; checking what was due" },
  closing: { vi: "Kết thúc; kiểm tra toàn bộ bản ghi âm", en: "The end; checking the whole recording" },
  good: {
    vi: "ĐÚNG: mọi thứ theo kế hoạch đều được nghe thấy, không có âm thanh lạ.",
    en: "RIGHT: everything planned was heard, and nothing else.",
  },
  bad: { vi: "SAI: xem các dòng có dấu ✘.", en: "WRONG: see the lines with ✘." },
  nothingDue: { vi: "Chưa có gì đến hạn.", en: "Nothing was due yet." },
  folder: { vi: "Bản ghi âm, hình và nhật ký: {folder}", en: "Recording, picture and logs: {folder}" },
  unplannedSound: {
    vi: "✘ Âm thanh không theo kế hoạch lúc {when}, dài {length} ms",
    en: "✘ Sound that nothing planned at {when}, {length} ms long",
  },
  tooShort: {
    vi: "--seconds phải là số nguyên từ {least} trở lên",
    en: "--seconds must be a whole number of at least {least}",
  },
  // Headings and labels.
  title: { vi: "Câu chuyện của Loa", en: "The story of Loa" },
  labelOnAir: { vi: "Lên sóng", en: "On air" },
  labelNothing: { vi: "im lặng", en: "silence" },
  labelLevel: { vi: "Mức âm", en: "Level" },
  labelAmplifier: { vi: "Tăng âm", en: "Amplifier" },
  labelLink: { vi: "Kết nối", en: "Link" },
  labelClock: { vi: "Đồng hồ", en: "Clock" },
  labelAgentGone: { vi: "AGENT KHÔNG CHẠY", en: "THE AGENT IS GONE" },
  linked: { vi: "có", en: "up" },
  unlinked: { vi: "MẤT", en: "DOWN" },
  tableTitle: { vi: "Nhật ký phát, đối chiếu với bản ghi âm", en: "Proof of play against the recording" },
  columnItem: { vi: "Bản ghi", en: "Item" },
  columnPlanned: { vi: "Kế hoạch", en: "Planned" },
  columnFound: { vi: "Nghe lúc", en: "Heard at" },
  columnError: { vi: "Lệch ms", en: "Off by ms" },
  columnLength: { vi: "Dài ms", en: "Length ms" },
  columnVerdict: { vi: "Kết quả", en: "Verdict" },
  noRecord: { vi: "chưa có bản ghi nhật ký", en: "no record yet" },
  pictureHeard: { vi: "nghe đủ, lệch {error} ms", en: "heard whole, {error} ms off" },
} as const satisfies Record<string, Record<Language, string>>;
export type Sentence = keyof typeof SENTENCES;

/** Verdicts, outcomes, phases and proofs by their code. */
export const CODES: Readonly<Record<string, Record<Language, string>>> = {
  heard: { vi: "nghe đủ", en: "heard" },
  "not-heard": { vi: "KHÔNG NGHE THẤY", en: "NOT HEARD" },
  "wrong-time": { vi: "SAI GIỜ", en: "WRONG TIME" },
  incomplete: { vi: "KHÔNG ĐỦ", en: "INCOMPLETE" },
  "not-cut": { vi: "KHÔNG BỊ CẮT", en: "NOT CUT" },
  repeated: { vi: "LẶP QUÁ NHIỀU", en: "REPEATED" },
  "out-of-order": { vi: "SAI THỨ TỰ", en: "OUT OF ORDER" },
  played: { vi: "đã phát", en: "played" },
  partial: { vi: "phát một phần", en: "partial" },
  interrupted: { vi: "bị gián đoạn", en: "interrupted" },
  missed: { vi: "bị lỡ", en: "missed" },
  refused: { vi: "bị từ chối", en: "refused" },
  failed: { vi: "hỏng", en: "failed" },
  silent: { vi: "tắt", en: "off" },
  settling: { vi: "đang ổn định", en: "settling" },
  opening: { vi: "mở tiếng", en: "opening" },
  "on-air": { vi: "đang phát", en: "on air" },
  draining: { vi: "xả đuôi", en: "draining" },
  holding: { vi: "giữ nguồn", en: "holding" },
  fault: { vi: "LỖI", en: "FAULT" },
  sink: { vi: "card âm thanh bị tắt tiếng", en: "the sink is muted" },
  media: { vi: "một tệp bị tráo", en: "a media file is swapped" },
  broker: { vi: "broker không bị dừng", en: "the broker is not stopped" },
  "clock-attested": { vi: "Đồng hồ đã được chứng thực bằng giờ có chữ ký", en: "The clock is attested by signed time" },
  "broker-stopped": {
    vi: "Broker đã dừng thật (cổng từ chối, tiến trình không còn)",
    en: "The broker is really gone (port refuses, no process)",
  },
  "source-stopped": { vi: "Nguồn cấp tỉnh đã dừng thật", en: "The source is really gone" },
  "media-stopped": {
    vi: "Máy chủ tệp đã dừng thật (cổng từ chối)",
    en: "The media server is really gone (port refuses)",
  },
  "link-down": { vi: "Trạm thấy mất kết nối", en: "The station sees that the link is down" },
  "agent-killed": { vi: "Agent đã chết thật (tiến trình không còn)", en: "The agent is really dead (no process)" },
  "outputs-safe": {
    vi: "Bo mạch ghi: tăng âm an toàn khi agent chết",
    en: "The board's log: outputs safe while the agent was dead",
  },
  "no-orphans": { vi: "Không còn ffmpeg mồ côi", en: "No ffmpeg was left behind" },
  "link-up": { vi: "Trạm kết nối lại", en: "The station is linked again" },
  "board-shows": {
    vi: "Bảng hai mặt chiếu bản tin đã ký, trang xác nhận",
    en: "The two-face board shows what is signed, and its page confirms it",
  },
  "board-alert": { vi: "Cả hai mặt bảng chiếu cảnh báo", en: "Both faces of the board show the alert" },
  "not-confirmed": { vi: "trang hiển thị chưa xác nhận", en: "the page did not confirm it" },
  records: { vi: "Mọi bản ghi đến tỉnh đúng một lần", en: "Every record reached the province once" },
  "still-answers": { vi: "vẫn còn trả lời", en: "it still answers" },
  "still-linked": { vi: "trạm vẫn còn kết nối", en: "the station still has its link" },
  "still-on": { vi: "tăng âm vẫn bật", en: "the amplifier stayed on" },
  "not-linked": { vi: "không kết nối được", en: "no connection" },
  story: { vi: "Câu chuyện chạy đến hết", en: "The story ran to its end" },
};

export class StoryWords {
  readonly language: Language;

  constructor(language: Language) {
    this.language = language;
  }

  /** The sentence with its `{names}` filled in. */
  say(sentence: Sentence, values: Readonly<Record<string, string | number>> = {}): string {
    return fill(SENTENCES[sentence][this.language], values);
  }

  /** A code in words; unknown ones as they are. */
  code(code: string): string {
    return CODES[code]?.[this.language] ?? code;
  }
}

/** Time of day in Việt Nam, to the second or with tenths. */
export function timeOfDay(wall: number, tenths = false): string {
  return new Date(wall + 7 * 3_600_000).toISOString().slice(11, tenths ? 21 : 19);
}
