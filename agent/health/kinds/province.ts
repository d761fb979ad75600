/** What can be wrong between the station and its province: link, schedules, media, configuration, identity, journal. */
import { declare } from "./kind.ts";

/** By code; see `ConcernKind`. */
export const PROVINCE_CONCERNS = declare({
  "uplink-down": {
    severity: "warning",
    patienceMs: 300_000,
    vi: "Mất kết nối với nguồn tỉnh; loa vẫn phát theo lịch đã lưu. Kiểm tra SIM, ăng-ten, cáp mạng.",
    en: "No link to the provincial source; cached schedules play on. Check SIM, antenna and cable.",
  },
  "media-missing": {
    severity: "warning",
    patienceMs: 60_000,
    vi: "Thiếu tệp âm thanh cho chương trình trong 24 giờ tới: chờ tải hoặc kiểm tra máy chủ.",
    en: "Media for programmes in the next 24 hours are missing: wait for the download or check the server.",
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
  "schedule-absent": {
    severity: "notice",
    patienceMs: 60_000,
    vi: "Chưa có lịch phát nào: kiểm tra mã định danh và lịch ở nguồn tỉnh.",
    en: "No schedule has been adopted: check the identifiers and the schedule at the source.",
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
});
