/** Explanations of what may be wrong between the station and its province. */
import { pair } from "../check.ts";
import { explain } from "./explanation.ts";

const NETWORK = pair("Kiểm tra mạng: `loa test network`.", "Check the network: `loa test network`.");
const TELL = pair(
  "Báo cho nguồn tỉnh, kèm `loa bundle TỆP.tar.gz`.",
  "Tell the provincial source, with `loa bundle FILE.tar.gz`.",
);
const WARNINGS = pair("Xem danh sách: `loa agenda --warnings`.", "See the list: `loa agenda --warnings`.");
const HISTORY = pair("Xem lịch sử: `loa config history`.", "See the history: `loa config history`.");
const CLAIM = pair(
  "Xin mã dùng một lần và nhập: `loa enrol MÃ`.",
  "Get a one-time claim and type it: `loa enrol CLAIM`.",
);

export const PROVINCE_EXPLANATIONS = explain({
  "uplink-down": {
    means: pair("Không tới được máy chủ của tỉnh.", "The province's broker is not reached."),
    why: pair(
      "Loa vẫn phát lịch đã lưu, nhưng lịch mới và khẩn cấp từ xa không đến.",
      "Cached schedules play on; new ones and remote emergencies do not arrive.",
    ),
    steps: [
      NETWORK,
      pair(
        "Kiểm tra SIM còn tiền, ăng-ten, đèn cáp mạng.",
        "Check the SIM's credit, the antenna, the lamp of the cable.",
      ),
      pair(
        "Khẩn cấp tại chỗ: `loa emergency raise --token MÃ`.",
        "An emergency on the spot: `loa emergency raise --token TOKEN`.",
      ),
    ],
  },
  "media-missing": {
    means: pair("Chương trình trong 24 giờ tới thiếu tệp.", "Programmes of the next 24 hours lack media."),
    why: pair("Đến giờ sẽ im lặng hoặc phát thay thế.", "At that hour there will be silence or something else."),
    steps: [
      WARNINGS,
      NETWORK,
      pair(
        "Không có mạng: nạp tệp từ USB, `loa import THƯ-MỤC`.",
        "Without a network bring them on a stick: `loa import FOLDER`.",
      ),
    ],
  },
  "data-budget-spent": {
    means: pair("Đã hết hạn mức dữ liệu của ngày hoặc tháng.", "The data budget of the day or month is spent."),
    why: pair(
      "Tệp thường chờ kỳ sau; tệp khẩn cấp vẫn tải.",
      "Normal media wait for the next; emergency media are fetched.",
    ),
    steps: [
      pair(
        "Không cần làm gì, hoặc nạp từ USB: `loa import THƯ-MỤC`.",
        "Nothing, or bring them on a stick: `loa import FOLDER`.",
      ),
    ],
  },
  "journal-disputed": {
    means: pair(
      "Nhật ký ở đây khác với bản tỉnh đã nhận và ký.",
      "The journal here differs from what the source has received and signed.",
    ),
    why: pair(
      "Có thể thẻ hỏng hoặc có người sửa: đây là bằng chứng.",
      "The card may be spoilt, or somebody altered it: this is evidence.",
    ),
    steps: [
      pair("Chạy `loa journal --verify`, ghi lại kết quả.", "Run `loa journal --verify` and note what it says."),
      pair("Giữ nguyên thẻ nhớ, không xoá gì.", "Keep the card as it is, erase nothing."),
      TELL,
    ],
  },
  "journal-pruned": {
    means: pair("Nhật ký cũ đã dọn theo xác nhận của tỉnh.", "Old records were removed as the source allowed."),
    why: pair("Để thẻ không đầy; tỉnh còn giữ đủ.", "So that the card does not fill up; the source keeps them."),
    steps: [pair("Không cần làm gì.", "Nothing needs to be done.")],
  },
  "agenda-obstacle": {
    means: pair(
      "Một chương trình sắp tới sẽ không phát hoặc bị cắt.",
      "A programme to come will not play, or will be cut.",
    ),
    why: pair("Biết trước thì còn sửa được lịch.", "Known ahead, the schedule can still be changed."),
    steps: [WARNINGS, pair("Hỏi lý do một giờ: `loa why 17:00`.", "Ask about an hour: `loa why 17:00`."), TELL],
  },
  "schedule-absent": {
    means: pair("Chưa nhận lịch nào.", "No schedule was adopted."),
    why: pair("Trạm sẽ không phát gì ngoài khẩn cấp.", "The station plays nothing but emergencies."),
    steps: [
      pair(
        "So mã trạm, mã xã trong station.yaml với giấy.",
        "Compare station and commune in station.yaml with the paper.",
      ),
      NETWORK,
      pair("Nạp gói của tỉnh: `loa import THƯ-MỤC`.", "Bring the province's folder: `loa import FOLDER`."),
    ],
  },
  "bad-documents": {
    means: pair(
      "Trong giờ qua có tài liệu bị từ chối: sai chữ ký, sai nơi nhận, cũ…",
      "Documents were refused in the last hour: signature, audience, age…",
    ),
    why: pair(
      "Có thể ai đó thử phát trái phép, hoặc tỉnh ký nhầm.",
      "Somebody may be trying to air what is not approved, or the source signed wrongly.",
    ),
    steps: [pair("Xem tài liệu nào: `loa journal`.", "See which: `loa journal`."), TELL],
  },
  "config-pending": {
    means: pair(
      "Cấu hình mới đang thử, chờ tỉnh xác nhận qua đường mới.",
      "A new configuration is tried and waits for its confirmation.",
    ),
    why: pair(
      "Nếu không xác nhận, cấu hình cũ tự trở lại: không trạm nào bị mất liên lạc.",
      "Unconfirmed, the old one returns: no station is stranded.",
    ),
    steps: [
      pair(
        "Chờ, hoặc xác nhận tại chỗ: `loa config confirm`.",
        "Wait, or confirm it on the spot: `loa config confirm`.",
      ),
      pair("Thấy sai: `loa config rollback`.", "If it is wrong: `loa config rollback`."),
    ],
  },
  "config-waiting": {
    means: pair(
      "Cấu hình mới trỏ tới máy chủ chưa tới được nên chưa áp dụng.",
      "A new configuration names a broker that is not reached, so it is not applied.",
    ),
    why: pair("Áp dụng là mất liên lạc.", "Applied, it would strand the station."),
    steps: [NETWORK, TELL],
  },
  "config-reverted": {
    means: pair(
      "Một cấu hình không được xác nhận nên bị trả lại.",
      "A configuration was not confirmed and was taken back.",
    ),
    why: pair("Điều tỉnh muốn đổi chưa có hiệu lực.", "What the province wanted is not in force."),
    steps: [HISTORY, TELL],
  },
  "config-lost": {
    means: pair(
      "Một lớp cấu hình đã lưu không còn hợp lệ: khoá bị thu hồi hoặc thẻ hỏng.",
      "A stored layer no longer counts: its key was revoked or the card spoilt it.",
    ),
    why: pair(
      "Trạm chạy theo các lớp còn lại và giới hạn trong station.yaml.",
      "The station runs by the other layers and the limits of station.yaml.",
    ),
    steps: [
      HISTORY,
      pair(
        "Tỉnh ký lại; cấu hình tại chỗ: `loa config apply TỆP`.",
        "The source signs it again; of your own: `loa config apply FILE`.",
      ),
    ],
  },
  "identity-damaged": {
    means: pair(
      "Tệp khoá và chứng thư của trạm bị hỏng.",
      "The file with the station's key and certificate was damaged.",
    ),
    why: pair(
      "Không có nó trạm không vào được máy chủ của tỉnh.",
      "Without it the broker does not let the station in.",
    ),
    steps: [
      NETWORK,
      CLAIM,
      pair("Kiểm tra thẻ nhớ: `loa doctor wear database`.", "Check the card: `loa doctor wear database`."),
    ],
  },
  "enrolment-pending": {
    means: pair("Trạm chưa có chứng thư của tỉnh.", "The station has no certificate of the province yet."),
    why: pair(
      "Vẫn phát gói đã nạp, nhưng không nhận gì qua mạng.",
      "It plays what it was commissioned with and gets nothing by network.",
    ),
    steps: [NETWORK, pair("Kiểm tra đồng hồ: `loa test clock`.", "Check the clock: `loa test clock`."), CLAIM],
  },
  "certificate-ending": {
    means: pair(
      "Chứng thư sắp hoặc đã hết hạn, chưa gia hạn được.",
      "The certificate ends or has ended and could not be renewed.",
    ),
    why: pair(
      "Hết hạn là mất kết nối; loa vẫn phát lịch đã lưu.",
      "With its end the link ends; cached schedules play on.",
    ),
    steps: [NETWORK, CLAIM, TELL],
  },
  "documents-withheld": {
    means: pair(
      "Tỉnh đã ký bản mới hơn mà máy chủ trung chuyển không đưa.",
      "The source has signed newer documents than the broker gives.",
    ),
    why: pair(
      "Có thể máy chủ bị chiếm và giữ lại lịch hoặc khẩn cấp.",
      "The broker may be in wrong hands and hold back schedules or alerts.",
    ),
    steps: [
      TELL,
      pair("Nạp bản mới từ USB: `loa import THƯ-MỤC`.", "Bring the new ones on a stick: `loa import FOLDER`."),
    ],
  },
  "documents-expiring": {
    means: pair("Có tài liệu sắp hoặc đã hết hạn.", "Documents end soon or have ended."),
    why: pair(
      "Trạm vẫn phát theo, nhưng tỉnh phải ký bản mới.",
      "The station plays on by them; the province must sign new ones.",
    ),
    steps: [TELL],
  },
});
