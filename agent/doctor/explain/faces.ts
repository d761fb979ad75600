/** Explanations of what may be wrong with the faces of a board. */
import { pair } from "../check.ts";
import { explain } from "./explanation.ts";
import { RESTART } from "./steps.ts";

const LIST = pair("Xem từng mặt: `loa face list`.", "See each face: `loa face list`.");
const SHOT = pair(
  "Chụp và so sánh: `loa face screenshot TỆP.png`.",
  "Take a picture and compare: `loa face screenshot FILE.png`.",
);
const CABLE = pair("Kiểm tra cáp, nguồn màn hình và bộ gửi.", "Check cable, and power of display and sending card.");
const CONTROLLER = pair(
  "Kiểm tra dây mạng/COM, nguồn, địa chỉ và mật khẩu của bộ điều khiển.",
  "Check the controller's cable, power, address and password.",
);

export const FACE_EXPLANATIONS = explain({
  "face-no-connector": {
    means: pair("Không có màn hình nào ở cổng của máy.", "No screen is attached to this computer."),
    why: pair("Bảng tối, dân không đọc được gì.", "The board is dark and nobody reads anything."),
    steps: [pair("Xem các cổng: `loa doctor faces`.", "See the connectors: `loa doctor faces`."), CABLE],
  },
  "face-browser": {
    means: pair(
      "Trình hiển thị cứ dừng và được mở lại.",
      "The browser that paints the faces ends and is started again.",
    ),
    why: pair("Bảng chớp tắt hoặc đứng.", "The board flickers or stands still."),
    steps: [
      pair("Xem bộ nhớ và nhiệt độ: `loa doctor load`.", "See memory and heat: `loa doctor load`."),
      pair("Xem chương trình: `loa doctor programs`.", "See the programs: `loa doctor programs`."),
      RESTART,
    ],
  },
  "face-unconfirmed": {
    means: pair("Trang không xác nhận đang chiếu đúng nội dung.", "The page does not confirm what it should show."),
    why: pair("Có thể đang chiếu nội dung cũ.", "Something old may stand there."),
    steps: [SHOT, RESTART],
  },
  "face-black": {
    means: pair(
      "Ảnh chụp mặt bảng toàn đen trong khi phải có nội dung.",
      "A picture of the face is black though something should stand there.",
    ),
    why: pair("Dân không đọc được gì.", "Nobody reads anything."),
    steps: [SHOT, LIST, CABLE],
  },
  "face-frozen": {
    means: pair("Hình đứng yên trong khi phải chuyển động.", "The picture stands still though it should move."),
    why: pair("Dân đọc tin cũ như tin mới.", "People take the old for the new."),
    steps: [SHOT, RESTART],
  },
  "face-lacks": {
    means: pair(
      "Một nội dung chưa chiếu được: chưa tải, sai loại hoặc chưa duyệt.",
      "Some content cannot be shown: not fetched, of a wrong type, not approved.",
    ),
    why: pair(
      "Chỗ đó của bảng trống hoặc chiếu thứ khác.",
      "That place of the board is empty or shows something else.",
    ),
    steps: [LIST, pair("Kiểm tra mạng: `loa test network`.", "Check the network: `loa test network`.")],
  },
  "face-controller": {
    means: pair(
      "Bộ điều khiển bảng không trả lời hoặc không nghe lệnh.",
      "A board's controller does not answer or obey.",
    ),
    why: pair(
      "Không chỉnh được độ sáng, không tắt được bảng khi cần.",
      "Brightness and blanking do not reach the board.",
    ),
    steps: [CONTROLLER, LIST],
  },
  "face-fault": {
    means: pair("Bộ điều khiển báo lỗi phần cứng.", "A controller reports a fault of its hardware."),
    why: pair("Quạt hay nguồn hỏng có thể làm cháy mô-đun.", "A dead fan or supply may burn modules."),
    steps: [
      pair("Xem phần nào: `loa face list --json`.", "See which part: `loa face list --json`."),
      pair("Gọi người bảo trì bảng.", "Call whoever maintains the board."),
    ],
  },
});
