/** What can be wrong with what is heard: card, source, alert, amplifier, horn. */
import { declare } from "./kind.ts";

/** By code; see `ConcernKind`. */
export const SOUND_CONCERNS = declare({
  "sound-absent": {
    severity: "critical",
    patienceMs: 5_000,
    vi: "Không mở được card âm thanh: kiểm tra dây USB/HAT và `hardware.sound.device` trong station.yaml.",
    en: "No sound card could be opened: check the USB or HAT card and `hardware.sound.device` in station.yaml.",
  },
  "sound-stalled": {
    severity: "critical",
    patienceMs: 2_000,
    behind: ["sound-absent"],
    vi: "Card âm thanh đứng yên: rút cắm lại hoặc khởi động lại bo mạch.",
    en: "The sound card stands still: plug it in again or restart the board.",
  },
  "sound-torn": {
    severity: "warning",
    patienceMs: 0,
    behind: ["sound-absent", "sound-stalled"],
    vi: "Âm thanh bị ngắt quãng trong giờ qua: bo mạch quá tải hoặc card âm thanh chập chờn; xem `loa doctor`.",
    en: "The sound broke off for moments in the last hour: the board is overloaded or the card unsteady; see `loa doctor`.",
  },
  "dead-air": {
    severity: "critical",
    patienceMs: 0,
    vi: "Đang đến giờ phát mà không nghe thấy gì: nghe lại tệp âm thanh, kiểm tra âm lượng nguồn và card âm thanh; xem `loa journal`.",
    en: "Something should sound and nothing is heard: listen to the file, check the level of the source and the sound card; see `loa journal`.",
  },
  "playback-late": {
    severity: "warning",
    patienceMs: 0,
    vi: "Có chương trình phát trễ trong giờ qua: bo mạch quá tải hoặc thẻ nhớ chậm.",
    en: "A programme began late in the last hour: the board is overloaded or its card is slow.",
  },
  "live-fallback": {
    severity: "warning",
    patienceMs: 0,
    vi: "Nguồn trực tiếp bị mất hoặc không có tiếng, đang phát nội dung thay thế: kiểm tra nguồn phát và đường truyền.",
    en: "A live source is lost or silent and something else sounds in its place: check the source and the network.",
  },
  "alert-unspoken": {
    severity: "critical",
    patienceMs: 0,
    vi: "Có cảnh báo chỉ phát được còi: thiếu bản ghi và không có giọng đọc tiếng đó. Hãy đọc nội dung cho dân; nạp bản ghi bằng `loa import`.",
    en: "Of an alert only the siren can be heard: no recording is here and no voice speaks its language. Tell people in person; bring the recording with `loa import`.",
  },
  "conductor-faults": {
    severity: "critical",
    patienceMs: 0,
    vi: "Vòng lặp phát gặp lỗi: xem `loa journal` và nhật ký dịch vụ.",
    en: "The playing loop met a fault: see `loa journal` and the service log.",
  },
  "amplifier-fault": {
    severity: "critical",
    patienceMs: 0,
    vi: "Tăng âm không nghe lệnh hoặc báo lỗi: kiểm tra rơ-le, nguồn và dây tín hiệu.",
    en: "The amplifier does not obey or reports a fault: check relay, supply and control wires.",
  },
  "isolator-open": {
    severity: "critical",
    patienceMs: 0,
    vi: "Cầu dao cách ly đang mở: có người cắt loa bằng tay, không phát được gì. Hỏi người đang làm việc ở cột rồi mới đóng lại.",
    en: "The isolator is open: the horns are cut off by hand and nothing is heard. Ask who works at the pole before closing it.",
  },
  "guard-lost": {
    severity: "warning",
    patienceMs: 5_000,
    vi: "Tiến trình canh gác đã mất: khởi động lại dịch vụ loa.",
    en: "The guard process is gone: restart the loa service.",
  },
  "speaker-dead": {
    severity: "critical",
    patienceMs: 0,
    vi: "Lần kiểm tra gần nhất không nghe thấy loa: kiểm tra dây loa, củ loa và tăng âm, rồi chạy lại `loa test speaker`.",
    en: "The last test heard nothing of a horn: check its wires, its driver and the amplifier, then run `loa test speaker` again.",
  },
  "speaker-weak": {
    severity: "warning",
    patienceMs: 0,
    vi: "Lần kiểm tra gần nhất nghe loa nhỏ hơn khi lắp đặt: kiểm tra từng loa trên cột và hướng loa, rồi chạy lại `loa test speaker`.",
    en: "The last test heard a horn fainter than when it was installed: check each horn on the pole and where it points, then run `loa test speaker` again.",
  },
  "recording-failed": {
    severity: "warning",
    patienceMs: 0,
    behind: ["storage-failing"],
    vi: "Có lời nói trực tiếp không ghi lưu được như chính sách yêu cầu: kiểm tra dung lượng đĩa và thẻ nhớ; xem nhật ký dịch vụ.",
    en: "What was said live could not be recorded as the policy asks: check free space and the card; see the service log.",
  },
});
