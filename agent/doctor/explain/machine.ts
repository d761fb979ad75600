/** Explanations of what may be wrong with the board itself. */
import { pair } from "../check.ts";
import { explain } from "./explanation.ts";
import { RESTART } from "./steps.ts";

const CLOCK = pair(
  "Xem đồng hồ: `loa doctor clock`, `loa test clock`.",
  "Look at the clock: `loa doctor clock`, `loa test clock`.",
);
const RTC = pair(
  "Lắp RTC có pin (DS3231), hoặc thay pin.",
  "Fit an RTC with a battery (DS3231), or replace the battery.",
);
const SPACE = pair(
  "Xem dung lượng: `loa doctor space` và làm theo.",
  "See the space and follow it: `loa doctor space`.",
);
const CARD = pair(
  "Nếu lặp lại: thay thẻ nhớ, xin tỉnh gói thay thế (`loa commission … --replace`).",
  "If it comes again: replace the card with a folder from the province (`loa commission … --replace`).",
);

export const MACHINE_EXPLANATIONS = explain({
  "clock-not-trusted": {
    means: pair(
      "Trạm không biết chắc mấy giờ: không có giờ đã ký, RTC hay NTP.",
      "The station does not know the hour: no signed time, RTC or NTP.",
    ),
    why: pair(
      "Để không phát nhạc lúc 3 giờ sáng, lịch phải chờ; khẩn cấp vẫn phát.",
      "So that nothing plays at three in the morning schedules wait; emergencies sound.",
    ),
    steps: [
      CLOCK,
      pair(
        "Nối mạng vài phút: giờ đã ký của tỉnh sẽ đến.",
        "Connect it for some minutes: signed time comes from the province.",
      ),
      RTC,
    ],
  },
  "clock-corrected": {
    means: pair(
      "Có ai hoặc chương trình nào đã đổi giờ hệ thống; trạm giữ giờ đã ký.",
      "Somebody or something stepped the system's clock; signed time is kept.",
    ),
    why: pair("Lần khởi động sau có thể bắt đầu với giờ sai.", "The next boot may begin with a wrong hour."),
    steps: [
      CLOCK,
      pair(
        "Kiểm tra NTP: `chronyc tracking`; ghi lại RTC: `hwclock --systohc`.",
        "Check NTP: `chronyc tracking`; write the RTC: `hwclock --systohc`.",
      ),
    ],
  },
  "clock-adrift": {
    means: pair("Đồng hồ không được đồng bộ hoặc sai số lớn.", "The clock is not synchronised, or its error is large."),
    why: pair(
      "Loa lệch nhịp với loa bên cạnh, dân nghe tiếng vọng.",
      "The horn is out of step with its neighbours: people hear an echo.",
    ),
    steps: [
      CLOCK,
      pair(
        "Cài chrony nếu thiếu: `apt-get install -y chrony`.",
        "Install chrony where it is missing: `apt-get install -y chrony`.",
      ),
    ],
  },
  "contact-fault": {
    means: pair(
      "Khoá, nút bấm không đọc được hoặc đóng ngay từ khi khởi động.",
      "A key or button cannot be read, or was closed at the start.",
    ),
    why: pair("Nút tắt tiếng hay nút khẩn cấp có thể không tác dụng.", "Mute or the emergency button may do nothing."),
    steps: [
      pair("Kiểm tra dây của nút, có bị chập không.", "Check the button's wires for a short."),
      pair("Kiểm tra chip và số chân: `loa doctor gpio`.", "Check chip and line: `loa doctor gpio`."),
    ],
  },
  "cabinet-open": {
    means: pair("Công tắc cửa tủ báo tủ đang mở.", "The switch at the door says that the cabinet is open."),
    why: pair(
      "Người lạ có thể cắm thiết bị, lấy thẻ nhớ hoặc tháo máy; mưa vào làm hỏng mạch.",
      "A stranger may plug something in, take the card or the equipment; rain spoils the boards.",
    ),
    steps: [
      pair("Xem mở từ bao giờ: `loa journal --limit 20`.", "See since when: `loa journal --limit 20`."),
      pair("Đến xem, đóng và khoá cửa tủ.", "Go and look, close and lock the door."),
      pair(
        "Cửa đã đóng mà vẫn báo: kiểm tra nam châm, dây công tắc và `hardware.contacts`.",
        "Closed and still told: check the magnet, the switch's wire and `hardware.contacts`.",
      ),
    ],
  },
  "under-voltage": {
    means: pair(
      "Bo mạch báo điện áp 5 V bị sụt trong giờ qua.",
      "The board says that its 5 V sagged within the last hour.",
    ),
    why: pair(
      "Bo mạch tự giảm tốc, card USB rớt, thẻ nhớ hỏng khi ghi.",
      "The board slows itself down, USB cards drop out, the memory card is spoilt while it writes.",
    ),
    steps: [
      pair("Xem bo mạch: `loa doctor load`.", "Look at the board: `loa doctor load`."),
      pair(
        "Thay nguồn 5,1 V đủ dòng, cáp ngắn và to; không cấp điện qua cổng USB của thiết bị khác.",
        "Fit a 5.1 V supply of enough current with a short thick cable; never feed it from another device's USB port.",
      ),
      pair(
        "Thiết bị USB ăn nhiều điện (modem, card): dùng hub có nguồn riêng.",
        "USB devices that draw much (modem, card): put them on a hub with its own supply.",
      ),
    ],
  },
  "on-battery": {
    means: pair("Mất điện lưới, trạm chạy ắc quy.", "The mains is gone and the battery feeds the station."),
    why: pair(
      "Điện để dành cho khẩn cấp; bản tin thường không phát.",
      "Energy is kept for emergencies; normal items do not sound.",
    ),
    steps: [
      pair("Kiểm tra áptômát, công tơ, hỏi điện lực.", "Check breaker and meter, ask the utility."),
      pair("Xem còn bao nhiêu: `loa status`.", "See how much is left: `loa status`."),
    ],
  },
  "storage-failing": {
    means: pair("Ghi vào đĩa bị lỗi.", "Writing to the disk fails."),
    why: pair(
      "Nhật ký không ghi được; lịch mới không nhận được.",
      "Nothing is recorded and no new schedule can be kept.",
    ),
    steps: [
      SPACE,
      pair(
        "Xem phân vùng có bị chỉ đọc: `loa doctor mount`.",
        "See whether the partition is read-only: `loa doctor mount`.",
      ),
      CARD,
    ],
  },
  "storage-spoilt": {
    means: pair(
      "Có thứ đã lưu không đọc được nữa, hoặc cơ sở dữ liệu bị thấy hỏng khi đang dùng.",
      "Something that was stored can no longer be read, or the database was found damaged while it was used.",
    ),
    why: pair(
      "Thứ bị hỏng coi như chưa có (tắt tiếng, âm lượng…) và cơ sở dữ liệu hỏng không nhận lịch mới; thẻ nhớ như vậy sẽ còn làm hỏng thêm.",
      "What is spoilt counts as never set (mute, volume …), a damaged database takes no new schedule, and such a card will spoil more.",
    ),
    steps: [
      pair("Xem hỏng gì: `loa doctor database`.", "See what it is: `loa doctor database`."),
      pair(
        "Đặt lại thứ được nêu tên, ví dụ `loa mute` hay `loa volume`: ghi lại được là hết.",
        "Set again what is named, with `loa mute` or `loa volume` for instance: written anew it is well.",
      ),
      pair(
        "Cơ sở dữ liệu hỏng: trạm tự khởi động lại lúc yên tĩnh và bắt đầu tệp mới. Không chờ được thì khởi động lại dịch vụ.",
        "A damaged database: the station restarts by itself in a quiet moment and begins a new file. Who cannot wait restarts the service.",
      ),
      CARD,
    ],
  },
  "storage-recovered": {
    means: pair(
      "Cơ sở dữ liệu bị hỏng đã được thay; lịch lấy lại từ bản lưu.",
      "The database was damaged and begun anew; documents came back from the snapshot.",
    ),
    why: pair(
      "Nhật ký chưa gửi của đoạn trước nằm trong tệp cũ.",
      "What was journalled and not sent yet lies in the old file.",
    ),
    steps: [
      pair(
        "Gửi tệp cũ cho tỉnh: `loa bundle TỆP.tar.gz` ghi tên nó.",
        "Give the old file to the province: `loa bundle FILE.tar.gz` names it.",
      ),
      pair("Xoá tệp cũ theo `loa doctor database`.", "Remove it by `loa doctor database`."),
      CARD,
    ],
  },
  "disk-low": {
    means: pair("Phân vùng dữ liệu gần đầy.", "The data partition is nearly full."),
    why: pair("Tệp mới không tải được; nhật ký có thể dừng.", "New media cannot be fetched; the journal may stop."),
    steps: [SPACE],
  },
  "disk-unsafe-mount": {
    means: pair(
      "Phân vùng gắn với data=writeback hoặc commit dài.",
      "The partition is mounted with data=writeback or a long commit.",
    ),
    why: pair(
      "Mất điện là mất nhật ký và hỏng cơ sở dữ liệu.",
      "A power cut loses the journal and spoils the database.",
    ),
    steps: [
      pair(
        "Sửa /etc/fstab theo `loa doctor mount` rồi khởi động lại bo mạch.",
        "Correct /etc/fstab by `loa doctor mount`, then restart the board.",
      ),
    ],
  },
  "cache-over-quota": {
    means: pair(
      "Bộ nhớ đệm không đủ chỗ cho tệp của 7 ngày tới.",
      "The cache has no room for what the next 7 days need.",
    ),
    why: pair("Có chương trình sẽ thiếu tệp.", "Programmes will lack media."),
    steps: [
      pair("Xem thiếu gì: `loa agenda --warnings`.", "See what lacks: `loa agenda --warnings`."),
      pair(
        "Tăng `media.quotaBytes` nếu thẻ còn chỗ, hoặc thay thẻ lớn hơn.",
        "Raise `media.quotaBytes` where the card has room, or fit a larger one.",
      ),
    ],
  },
  "media-given-up": {
    means: pair(
      "Có tệp bị hỏng ba lần trên thẻ này nên không tải lại nữa.",
      "A file was spoilt three times on this card and is no longer fetched.",
    ),
    why: pair("Thẻ sắp chết; tải lại chỉ tốn tiền 4G.", "The card is dying; fetching it again only costs money."),
    steps: [CARD, pair("Nạp tệp từ USB: `loa import THƯ-MỤC`.", "Bring the files on a stick: `loa import FOLDER`.")],
  },
  "safe-mode": {
    means: pair(
      "Agent chết ba lần trong mười phút nên chạy tối thiểu: lịch tốt gần nhất, khẩn cấp, kết nối, dòng lệnh.",
      "The agent died three times within ten minutes and runs the least: last good schedule, emergencies, uplink, command line.",
    ),
    why: pair(
      "Một trạm chạy ít vẫn hơn trạm cứ chết đi sống lại; nhưng bảng và trực tiếp không chạy.",
      "A station that does less is better than one that dies again and again; but boards and live sources rest.",
    ),
    steps: [
      pair("Chạy `loa doctor`, sửa mọi mục ✗.", "Run `loa doctor`, mend everything marked ✗."),
      pair("Xem vì sao chết: `loa logs --since '1 hour ago'`.", "See why it died: `loa logs --since '1 hour ago'`."),
      pair(
        "Rời chế độ an toàn: `loa safe-mode leave` (tự rời sau 30 phút).",
        "Leave safe mode: `loa safe-mode leave` (by itself after 30 minutes).",
      ),
      pair(
        "Nếu lại chết: gửi `loa bundle TỆP.tar.gz` cho tỉnh.",
        "If it dies again: send `loa bundle FILE.tar.gz` to the province.",
      ),
    ],
  },
  "config-broken": {
    means: pair(
      "station.yaml, khoá gốc hoặc chứng thư không đọc được; đang dùng bản sao tốt gần nhất.",
      "station.yaml, the root or the authorities cannot be read; the last good copies are used.",
    ),
    why: pair("Điều bạn vừa sửa chưa có hiệu lực.", "What you have just changed is not in force."),
    steps: [
      pair("Xem chỗ sai: `loa config check`.", "See the mistakes: `loa config check`."),
      pair("Sửa, rồi chạy lại cho đến khi hợp lệ.", "Correct them until it is right."),
      RESTART,
    ],
  },
  "state-lost": {
    means: pair(
      "Thư mục trạng thái không ghi được; mọi thứ chỉ nhớ trong RAM.",
      "The state folder takes no writes; everything is remembered in memory only.",
    ),
    why: pair("Mất điện là quên nhật ký từ lúc này.", "A power cut forgets the journal from now on."),
    steps: [
      pair("Làm theo `loa doctor state` và `loa doctor mount`.", "Follow `loa doctor state` and `loa doctor mount`."),
      CARD,
      pair("Trạm tự dùng lại thư mục khi ghi được.", "The station takes the folder again by itself when it can."),
    ],
  },
});
