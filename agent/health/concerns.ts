/**
 * Everything the station can worry about, declared once: how grave, what it hides behind, how long it is patient, and what a person
 * does about it. `doctor`, health and the CLI read this table; nobody writes the advice again.
 */
import type { Instant, Millis, Monotonic } from "../../playback/model/units.ts";

export type Severity = "notice" | "warning" | "critical";

export interface ConcernKind {
  readonly severity: Severity;
  /** While one of these stands, this one is its consequence and is not raised. */
  readonly behind: readonly ConcernCode[];
  /** It must have stood this long. */
  readonly patienceMs: Millis;
  readonly vi: string;
  readonly en: string;
}

const declare = <Codes extends string>(
  table: Record<Codes, Omit<ConcernKind, "behind"> & { behind?: readonly string[] }>,
) => table;

const TABLE = declare({
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
  "amplifier-fault": {
    severity: "critical",
    patienceMs: 0,
    vi: "Tăng âm không nghe lệnh hoặc báo lỗi: kiểm tra rơ-le, nguồn và dây tín hiệu.",
    en: "The amplifier does not obey or reports a fault: check relay, supply and control wires.",
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
  "guard-lost": {
    severity: "warning",
    patienceMs: 5_000,
    vi: "Tiến trình canh gác đã mất: khởi động lại dịch vụ loa.",
    en: "The guard process is gone: restart the loa service.",
  },
  "clock-not-trusted": {
    severity: "critical",
    patienceMs: 30_000,
    vi: "Đồng hồ chưa tin cậy, lịch phát tạm dừng: kiểm tra pin RTC hoặc kết nối mạng.",
    en: "The clock cannot be trusted, schedules wait: check the RTC battery or the network.",
  },
  "clock-corrected": {
    severity: "warning",
    patienceMs: 0,
    vi: "Đồng hồ hệ thống bị lệch so với giờ đã ký; loa dùng giờ đã ký. Kiểm tra NTP và RTC.",
    en: "The system clock was stepped away from signed time, which is kept: check NTP and the RTC.",
  },
  "clock-adrift": {
    severity: "warning",
    patienceMs: 900_000,
    behind: ["clock-not-trusted"],
    vi: "Đồng hồ không được đồng bộ hoặc sai số lớn, loa có thể lệch nhịp với loa bên cạnh: kiểm tra chrony và kết nối mạng.",
    en: "The clock is not synchronised or its error is large, so this horn may be out of step with its neighbours: check chrony and the network.",
  },
  "uplink-down": {
    severity: "warning",
    patienceMs: 300_000,
    vi: "Mất kết nối với nguồn tỉnh; loa vẫn phát theo lịch đã lưu. Kiểm tra SIM, ăng-ten, cáp mạng.",
    en: "No link to the provincial source; cached schedules play on. Check SIM, antenna and cable.",
  },
  "contact-fault": {
    severity: "warning",
    patienceMs: 2_000,
    vi: "Khoá hoặc nút bấm tại chỗ không đọc được hoặc đóng từ lúc khởi động: kiểm tra dây và `hardware.contacts`.",
    en: "A key or button cannot be read, or has been closed since the start: check its wires and `hardware.contacts`.",
  },
  "alert-unspoken": {
    severity: "critical",
    patienceMs: 0,
    vi: "Có cảnh báo chỉ phát được còi: thiếu bản ghi và không có giọng đọc tiếng đó. Hãy đọc nội dung cho dân; nạp bản ghi bằng `loa import`.",
    en: "Of an alert only the siren can be heard: no recording is here and no voice speaks its language. Tell people in person; bring the recording with `loa import`.",
  },
  "media-missing": {
    severity: "warning",
    patienceMs: 60_000,
    vi: "Thiếu tệp âm thanh cho chương trình trong 24 giờ tới: chờ tải hoặc kiểm tra máy chủ.",
    en: "Media for programmes in the next 24 hours are missing: wait for the download or check the server.",
  },
  "cache-over-quota": {
    severity: "warning",
    patienceMs: 60_000,
    vi: "Bộ nhớ đệm không đủ chỗ cho tệp cần phát trong 7 ngày tới: tăng `media.quotaBytes`, thay thẻ lớn hơn hoặc bớt tệp ghim.",
    en: "The cache has no room for media that the next 7 days need: raise `media.quotaBytes`, fit a larger card or pin less.",
  },
  "media-given-up": {
    severity: "critical",
    patienceMs: 0,
    vi: "Có tệp bị hỏng ba lần trên thẻ này, không tải lại nữa: thay thẻ nhớ, rồi nạp tệp bằng `loa import`.",
    en: "Media were spoilt three times on this card and are no longer fetched: replace the card, then bring them with `loa import`.",
  },
  "data-budget-spent": {
    severity: "notice",
    patienceMs: 0,
    vi: "Đã dùng hết dung lượng mạng cho phép của ngày hoặc tháng; việc tải chờ đến kỳ sau, trừ tệp khẩn cấp.",
    en: "The data budget of the day or month is spent; downloads wait for the next, all but emergency media.",
  },
  "journal-disputed": {
    severity: "critical",
    patienceMs: 0,
    vi: "Nhật ký của trạm khác với bản nguồn tỉnh đang giữ: chạy `loa journal --verify` và báo cho nguồn tỉnh, giữ nguyên thẻ nhớ.",
    en: "The journal differs from what the source keeps: run `loa journal --verify`, tell the source, and keep the card as it is.",
  },
  "journal-pruned": {
    severity: "notice",
    patienceMs: 0,
    vi: "Nhật ký cũ đã được dọn theo xác nhận của nguồn tỉnh; không cần làm gì.",
    en: "Old journal records were removed as the source allows; nothing needs to be done.",
  },
  "agenda-obstacle": {
    severity: "warning",
    patienceMs: 60_000,
    vi: "Trong 24 giờ tới có chương trình sẽ không phát được hoặc bị cắt: xem `loa agenda --warnings`.",
    en: "Within 24 hours a programme will not play or will be cut: see `loa agenda --warnings`.",
  },
  "on-battery": {
    severity: "warning",
    patienceMs: 0,
    vi: "Đang chạy ắc quy: chỉ phát bản tin ưu tiên và khẩn cấp, dành điện cho khẩn cấp. Kiểm tra điện lưới.",
    en: "Running on battery: only priority and emergencies sound, energy is kept for emergencies. Check the mains.",
  },
  "schedule-absent": {
    severity: "notice",
    patienceMs: 60_000,
    vi: "Chưa có lịch phát nào: kiểm tra mã định danh và lịch ở nguồn tỉnh.",
    en: "No schedule has been adopted: check the identifiers and the schedule at the source.",
  },
  "storage-failing": {
    severity: "critical",
    patienceMs: 0,
    vi: "Ghi đĩa bị lỗi: kiểm tra dung lượng và thẻ nhớ.",
    en: "Writing to the disk fails: check free space and the card.",
  },
  "storage-recovered": {
    severity: "warning",
    patienceMs: 0,
    vi: "Cơ sở dữ liệu bị hỏng đã được thay mới; tệp hỏng còn giữ để kiểm tra.",
    en: "The database was damaged and begun anew; the damaged file is kept for inspection.",
  },
  "disk-low": {
    severity: "warning",
    patienceMs: 60_000,
    vi: "Dung lượng đĩa còn ít: xoá tệp thừa hoặc thay thẻ lớn hơn.",
    en: "Little disk space is left: remove what is not needed or fit a larger card.",
  },
  "disk-unsafe-mount": {
    severity: "warning",
    patienceMs: 0,
    vi: "Phân vùng dữ liệu gắn kiểu không an toàn (data=writeback hoặc commit dài): sửa /etc/fstab.",
    en: "The data partition is mounted unsafely (data=writeback or a long commit): correct /etc/fstab.",
  },
  "bad-documents": {
    severity: "warning",
    patienceMs: 0,
    vi: "Có tài liệu bị từ chối trong giờ qua: xem `loa journal` và báo cho nguồn tỉnh.",
    en: "Documents were refused in the last hour: see `loa journal` and tell the provincial source.",
  },
  "config-pending": {
    severity: "notice",
    patienceMs: 60_000,
    vi: "Cấu hình mới đang chờ xác nhận; nếu không có, cấu hình cũ sẽ tự trở lại. Tại chỗ: `loa config confirm`.",
    en: "A new configuration waits for its confirmation, else the old one returns by itself. On the spot: `loa config confirm`.",
  },
  "config-waiting": {
    severity: "warning",
    patienceMs: 0,
    vi: "Cấu hình mới chưa áp dụng vì chưa nối được máy chủ mới: kiểm tra địa chỉ broker và mạng.",
    en: "A new configuration is not applied because the new broker cannot be reached: check its address and the network.",
  },
  "config-reverted": {
    severity: "warning",
    patienceMs: 0,
    vi: "Một cấu hình đã bị trả lại vì không được xác nhận: xem `loa config history` và báo cho nguồn tỉnh.",
    en: "A configuration was taken back because nothing confirmed it: see `loa config history` and tell the provincial source.",
  },
  "config-lost": {
    severity: "warning",
    patienceMs: 0,
    vi: "Một phần cấu hình đã lưu không còn giá trị (khoá ký bị thu hồi hoặc thẻ nhớ hỏng) nên không áp dụng: báo nguồn tỉnh ký lại; nếu là cấu hình tại chỗ, nạp lại bằng `loa config apply`.",
    en: "A stored part of the configuration no longer counts (its key was revoked or the card spoilt it) and is not applied: ask the source to sign it again; a layer of your own: `loa config apply`.",
  },
  "identity-damaged": {
    severity: "warning",
    patienceMs: 0,
    vi: "Tệp khoá và chứng thư của trạm bị hỏng, trạm đang đăng ký lại; lịch đã lưu vẫn phát. Nếu chưa được, xin mã mới và nhập `loa enrol MÃ`; kiểm tra thẻ nhớ.",
    en: "The file with the station's key and certificate was damaged; the station enrols anew and plays on. If that does not succeed, get a new claim and type `loa enrol CLAIM`; check the card.",
  },
  "enrolment-pending": {
    severity: "warning",
    patienceMs: 300_000,
    vi: "Trạm chưa đăng ký với tỉnh; vẫn phát gói đã nạp. Kiểm tra mạng, hoặc nhập mã: `loa enrol MÃ`.",
    en: "The station is not enrolled; it plays what it was commissioned with. Check the network, or type a claim: `loa enrol CLAIM`.",
  },
  "certificate-ending": {
    severity: "warning",
    patienceMs: 0,
    vi: "Chứng thư của trạm sắp hoặc đã hết hạn mà chưa gia hạn được: kiểm tra máy chủ đăng ký.",
    en: "The station's certificate ends, or has ended, and could not be renewed: check the enrolment service.",
  },
  "documents-withheld": {
    severity: "warning",
    patienceMs: 120_000,
    vi: "Nguồn tỉnh đã ký tài liệu mới hơn nhưng trạm chưa nhận được: máy chủ trung chuyển giữ lại hoặc bị can thiệp; báo cho nguồn tỉnh.",
    en: "The source has signed newer documents than this station was given: the broker withholds them or is tampered with; tell the provincial source.",
  },
  "documents-expiring": {
    severity: "warning",
    patienceMs: 0,
    vi: "Có tài liệu sắp hết hạn hoặc đã hết hạn; trạm vẫn phát theo. Nguồn tỉnh cần ký bản mới.",
    en: "Documents end soon or have ended; the station plays on by them. The provincial source must sign new ones.",
  },
  "conductor-faults": {
    severity: "critical",
    patienceMs: 0,
    vi: "Vòng lặp phát gặp lỗi: xem `loa journal` và nhật ký dịch vụ.",
    en: "The playing loop met a fault: see `loa journal` and the service log.",
  },
});

export type ConcernCode = keyof typeof TABLE;
export const CONCERN_KINDS = TABLE as unknown as Record<ConcernCode, ConcernKind>;
export const CONCERN_CODES = Object.keys(TABLE) as ConcernCode[];

/** What was observed at one moment: code → one sentence of evidence. Absent means all is well. */
export type Observations = Partial<Record<ConcernCode, string>>;

export interface Concern {
  readonly code: ConcernCode;
  readonly severity: Severity;
  readonly since: Instant;
  readonly detail: string;
}

interface Standing {
  readonly since: Instant;
  readonly from: Monotonic;
  detail: string;
}

/** Remembers since when each observation stands, and raises those whose patience is over. */
export class ConcernBook {
  readonly #standing = new Map<ConcernCode, Standing>();

  observe(observations: Observations, now: Instant, monotonic: Monotonic): void {
    for (const code of CONCERN_CODES) {
      const detail = observations[code];
      const standing = this.#standing.get(code);
      if (detail === undefined) this.#standing.delete(code);
      else if (standing === undefined) this.#standing.set(code, { since: now, from: monotonic, detail });
      else standing.detail = detail;
    }
  }

  /** Raised concerns, gravest first. */
  raised(monotonic: Monotonic): Concern[] {
    const grave: readonly Severity[] = ["critical", "warning", "notice"];
    return [...this.#standing]
      .filter(([code, { from }]) => {
        const { patienceMs, behind } = CONCERN_KINDS[code];
        return monotonic - from >= patienceMs && !(behind ?? []).some((other) => this.#standing.has(other));
      })
      .map(([code, { since, detail }]) => ({ code, severity: CONCERN_KINDS[code].severity, since, detail }))
      .sort((a, b) => grave.indexOf(a.severity) - grave.indexOf(b.severity));
  }
}
