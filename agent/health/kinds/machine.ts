/** What can be wrong with the board itself: clock, power, keys, disk. */
import { declare } from "./kind.ts";

/** By code; see `ConcernKind`. */
export const MACHINE_CONCERNS = declare({
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
  "contact-fault": {
    severity: "warning",
    patienceMs: 2_000,
    vi: "Khoá hoặc nút bấm tại chỗ không đọc được hoặc đóng từ lúc khởi động: kiểm tra dây và `hardware.contacts`.",
    en: "A key or button cannot be read, or has been closed since the start: check its wires and `hardware.contacts`.",
  },
  "cabinet-open": {
    severity: "warning",
    patienceMs: 0,
    vi: "Cửa tủ thiết bị đang mở hoặc dây công tắc cửa bị đứt: nếu không phải người của mình mở, cử người đến xem ngay.",
    en: "The cabinet door is open or the wire of its switch is cut: if none of your people opened it, send somebody to look at once.",
  },
  "under-voltage": {
    severity: "warning",
    patienceMs: 0,
    vi: "Điện áp cấp cho bo mạch bị sụt trong giờ qua: thay nguồn hoặc cáp nguồn tốt hơn (5,1 V, đủ dòng).",
    en: "The board's supply voltage sagged within the hour: fit a better supply or cable (5.1 V, enough current).",
  },
  "on-battery": {
    severity: "warning",
    patienceMs: 0,
    vi: "Đang chạy ắc quy: chỉ phát bản tin ưu tiên và khẩn cấp, dành điện cho khẩn cấp. Kiểm tra điện lưới.",
    en: "Running on battery: only priority and emergencies sound, energy is kept for emergencies. Check the mains.",
  },
  "storage-failing": {
    severity: "critical",
    patienceMs: 0,
    vi: "Ghi đĩa bị lỗi: kiểm tra dung lượng và thẻ nhớ.",
    en: "Writing to the disk fails: check free space and the card.",
  },
  "storage-spoilt": {
    severity: "warning",
    patienceMs: 0,
    vi: "Thẻ nhớ làm hỏng dữ liệu đã lưu: xem hỏng gì bằng `loa doctor database`, đặt lại thứ đó và thay thẻ nhớ.",
    en: "The card has spoilt what was stored: see what with `loa doctor database`, set it again and replace the card.",
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
  "safe-mode": {
    severity: "critical",
    patienceMs: 0,
    vi: "Trạm chạy chế độ an toàn sau ba lần khởi động hỏng: chỉ phát lịch tốt gần nhất và bản tin khẩn cấp. Xem `loa doctor`; sửa xong thì `loa safe-mode leave`.",
    en: "The station runs in safe mode after three failed starts: the last good schedule and emergencies only. See `loa doctor`; when mended, `loa safe-mode leave`.",
  },
  "config-broken": {
    severity: "critical",
    patienceMs: 0,
    vi: "station.yaml hoặc tệp nó nêu tên bị hỏng, trạm dùng bản tốt gần nhất: sửa theo `loa config check`, rồi khởi động lại dịch vụ loa.",
    en: "station.yaml or a file that it names is broken and the last good copy is used: mend it by `loa config check`, then restart the loa service.",
  },
  "state-lost": {
    severity: "critical",
    patienceMs: 0,
    vi: "Không ghi được thư mục trạng thái, trạm nhớ tạm trong bộ nhớ và quên khi tắt: chạy `loa doctor`, sửa quyền hoặc thay thẻ nhớ.",
    en: "The state folder takes no writes; what happens now is kept in memory and lost with the power: run `loa doctor`, mend its rights or replace the card.",
  },
});
