/** What may be wrong with the faces of a board. */
import { declare } from "./kind.ts";

export const FACE_CONCERNS = declare({
  "face-no-connector": {
    severity: "critical",
    patienceMs: 10_000,
    vi: "Không có màn hình nào được cắm: kiểm tra cáp HDMI, nguồn của màn hình và bộ gửi tín hiệu; xem `loa face list`.",
    en: "No screen is attached: check the HDMI cable, and that the display and its sending card have power; see `loa face list`.",
  },
  "face-browser": {
    severity: "critical",
    patienceMs: 15_000,
    behind: ["face-no-connector"],
    vi: "Trình hiển thị không chạy ổn định: xem `loa face list` và nhật ký; nếu lặp lại, khởi động lại bo mạch và kiểm tra bộ nhớ.",
    en: "The browser that paints the faces does not keep running: see `loa face list` and the log; if it comes again, restart the board and look at its memory.",
  },
  "face-unconfirmed": {
    severity: "critical",
    patienceMs: 10_000,
    behind: ["face-no-connector", "face-browser"],
    vi: "Mặt bảng không xác nhận nội dung phải chiếu: chụp ảnh bằng `loa face screenshot` và so sánh.",
    en: "A face does not confirm what it should show: take a picture with `loa face screenshot` and compare.",
  },
  "face-black": {
    severity: "critical",
    patienceMs: 0,
    behind: ["face-no-connector", "face-browser"],
    vi: "Mặt bảng tối đen trong khi phải chiếu nội dung: kiểm tra nội dung và `loa face screenshot`.",
    en: "A face is black while it should show something: look at the content and at `loa face screenshot`.",
  },
  "face-frozen": {
    severity: "critical",
    patienceMs: 0,
    behind: ["face-no-connector", "face-browser"],
    vi: "Hình trên mặt bảng đứng yên trong khi phải chuyển động: xem `loa face list`; nếu còn, khởi động lại bo mạch.",
    en: "The picture of a face stands still though it should move: see `loa face list`; if it stays, restart the board.",
  },
  "face-lacks": {
    severity: "warning",
    patienceMs: 60_000,
    vi: "Có nội dung chưa chiếu được: tệp chưa tải về, sai loại hoặc chưa được duyệt; xem `loa face list`.",
    en: "Some content cannot be shown: it is not fetched yet, of a wrong type or not approved; see `loa face list`.",
  },
  "face-controller": {
    severity: "warning",
    patienceMs: 30_000,
    vi: "Bộ điều khiển bảng không trả lời hoặc không nghe lệnh: kiểm tra dây mạng/COM, nguồn và địa chỉ trong station.yaml.",
    en: "A board's controller does not answer or does not obey: check its cable, its power and its address in station.yaml.",
  },
  "face-fault": {
    severity: "warning",
    patienceMs: 0,
    vi: "Bộ điều khiển bảng báo lỗi phần cứng (quạt, nhiệt độ, tín hiệu vào…): xem `loa face list --json`.",
    en: "A board's controller reports a fault of its hardware (fan, temperature, input…): see `loa face list --json`.",
  },
});
