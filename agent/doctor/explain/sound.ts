/** Explanations of what may be wrong with what is heard. */
import { pair } from "../check.ts";
import { explain } from "./explanation.ts";
import { RESTART } from "./steps.ts";

const LOGS = pair("Xem lý do: `loa logs --since '1 hour ago'`.", "See why: `loa logs --since '1 hour ago'`.");
const RESTART_GUARD = pair(
  "Khởi động lại dịch vụ và đường gọi tiến trình canh gác: `systemctl restart loa-guard.socket loa`.",
  "Restart the service, and the line on which it asks for its guard: `systemctl restart loa-guard.socket loa`.",
);
const TEST_HORN = pair("Nghe thử: `loa test speaker`.", "Hear it: `loa test speaker`.");
const LOOK_LOAD = pair(
  "Xem nhiệt độ, điện áp, tải: `loa doctor load`; gỡ chương trình lạ khỏi bo mạch.",
  "Look at heat, voltage and load: `loa doctor load`; remove foreign programs from the board.",
);
const LOOK_WEAR = pair(
  "Xem thẻ nhớ có mòn không: `loa doctor wear`.",
  "See whether the card is worn: `loa doctor wear`.",
);

export const SOUND_EXPLANATIONS = explain({
  "sound-absent": {
    means: pair("Agent không mở được card âm thanh nào.", "The agent could open no sound card."),
    why: pair(
      "Không có card thì không loa nào kêu, kể cả khẩn cấp.",
      "Without a card no horn sounds, an emergency neither.",
    ),
    steps: [
      pair("Xem card có trên máy không: `loa doctor sound`.", "See whether the card is there: `loa doctor sound`."),
      pair(
        "Rút ra cắm lại card USB, hoặc kiểm tra HAT và dtoverlay.",
        "Plug the USB card in again, or check the HAT and its dtoverlay.",
      ),
      pair(
        "Sửa `hardware.sound.device` nếu tên card đã đổi.",
        "Correct `hardware.sound.device` where the name changed.",
      ),
      RESTART,
    ],
  },
  "sound-stalled": {
    means: pair("Card nhận dữ liệu nhưng đồng hồ của nó đứng yên.", "The card takes data and its clock stands still."),
    why: pair(
      "Chương trình dừng ở giữa, không ai nghe gì.",
      "The programme stops in the middle and nobody hears anything.",
    ),
    steps: [
      pair("Rút card USB, chờ 5 giây, cắm lại.", "Unplug the USB card, wait 5 seconds, plug it in."),
      pair("Kiểm tra nguồn: card sụt áp hay bị treo.", "Check the supply: cards hang when the voltage drops."),
      RESTART,
    ],
  },
  "sound-torn": {
    means: pair(
      "Âm thanh bị đứt quãng rất ngắn trong giờ qua.",
      "The sound broke off for moments within the last hour.",
    ),
    why: pair(
      "Nghe lụp bụp, khó hiểu; là dấu hiệu bo mạch quá tải.",
      "It crackles and is hard to understand; the board is at its limit.",
    ),
    steps: [
      LOOK_LOAD,
      pair("Tăng `hardware.sound.latencyHint` lên `playback`.", "Raise `hardware.sound.latencyHint` to `playback`."),
    ],
  },
  "dead-air": {
    means: pair(
      "Đang giờ phát, card chạy, nhưng tín hiệu gần như im lặng.",
      "Something should sound, the card runs, and the signal is all but silent.",
    ),
    why: pair("Nhật ký ghi có phát mà dân không nghe gì.", "The record says that it played, and nobody heard a thing."),
    steps: [
      pair("Xem đang phát gì: `loa status`.", "See what is on air: `loa status`."),
      pair(
        "Nghe lại tệp ở nguồn; nếu nguồn trực tiếp, kiểm tra mức vào.",
        "Listen to the file at the source; of a live one check its level.",
      ),
      pair("Kiểm tra âm lượng: `loa volume`.", "Check the volume: `loa volume`."),
      TEST_HORN,
    ],
  },
  "playback-late": {
    means: pair("Một chương trình bắt đầu trễ hơn giờ đã ký.", "A programme began later than was signed."),
    why: pair(
      "Loa bên cạnh phát trước, nghe thành tiếng vọng.",
      "Neighbouring horns are ahead of it: people hear an echo.",
    ),
    steps: [LOOK_LOAD, LOOK_WEAR],
  },
  "live-fallback": {
    means: pair(
      "Nguồn trực tiếp mất hoặc im lặng; đang phát nội dung thay thế.",
      "A live source is lost or silent; something approved sounds instead.",
    ),
    why: pair("Buổi nói trực tiếp không tới được dân.", "What is said live does not reach people."),
    steps: [
      pair(
        "Hỏi nơi nói xem đang phát không, micrô có mở không.",
        "Ask whoever speaks whether it is sent and the microphone is open.",
      ),
      pair("Kiểm tra đường truyền: `loa doctor network`.", "Check the way: `loa doctor network`."),
      pair("Với đường vào tại chỗ: `loa doctor inputs`.", "Of a line on the spot: `loa doctor inputs`."),
    ],
  },
  "alert-unspoken": {
    means: pair(
      "Một cảnh báo không có bản ghi và máy không có giọng đọc tiếng đó.",
      "An alert has no recording here and no voice speaks its language.",
    ),
    why: pair("Dân nghe còi mà không biết chuyện gì.", "People hear a siren and do not know why."),
    steps: [
      pair("Đọc to nội dung cho dân: xem `loa status`.", "Read it to people: see `loa status`."),
      pair("Cài giọng đọc: `apt-get install -y espeak-ng`.", "Install the voices: `apt-get install -y espeak-ng`."),
      pair(
        "Xin tỉnh bản ghi tiếng dân tộc, nạp bằng `loa import THƯ-MỤC`.",
        "Get recordings of that language from the province: `loa import FOLDER`.",
      ),
    ],
  },
  "conductor-faults": {
    means: pair("Một bước của vòng phát bị lỗi và được thử lại.", "A step of the core loop failed and is tried again."),
    why: pair("Nếu không hết, có chương trình sẽ không phát.", "If it stays, programmes will be missing."),
    steps: [
      LOGS,
      RESTART,
      pair(
        "Gửi gói hỗ trợ cho tỉnh: `loa bundle TỆP.tar.gz`.",
        "Send a bundle to the province: `loa bundle FILE.tar.gz`.",
      ),
    ],
  },
  "amplifier-fault": {
    means: pair(
      "Chân điều khiển tăng âm không đọc lại đúng như đã đặt, hoặc dòng, lỗi báo ngược.",
      "The amplifier's lines do not read back as driven, or sense or fault disagree.",
    ),
    why: pair(
      "Tăng âm có thể tắt khi phải kêu, hoặc mở khi phải im.",
      "It may be off when it should sound, or on when it should not.",
    ),
    steps: [
      pair("Thử từng rơ-le, đặt ngón tay lên: `loa test amp`.", "Try each relay with a finger on it: `loa test amp`."),
      pair("Kiểm tra tên chip và số chân: `loa doctor gpio`.", "Check chip and line: `loa doctor gpio`."),
      pair(
        "Kiểm tra nguồn bo rơ-le, dây điều khiển, cầu chì tăng âm.",
        "Check the relay board's supply, the control wires, the amplifier's fuse.",
      ),
    ],
  },
  "isolator-open": {
    means: pair(
      "Tiếp điểm phụ của cầu dao báo cầu dao đang mở.",
      "The isolator's auxiliary contact says that it is open.",
    ),
    why: pair(
      "Loa không có điện: trạm không ghi là đã nghe thấy gì, kể cả khẩn cấp.",
      "The horns have no power: the station claims nothing as heard, not even an alert.",
    ),
    steps: [
      pair(
        "Hỏi xem có ai đang làm việc trên cột: KHÔNG đóng khi chưa chắc.",
        "Ask whether somebody works on the pole: do NOT close it before you are sure.",
      ),
      pair("Đóng cầu dao, rồi xem `loa status`.", "Close it, then look at `loa status`."),
      pair(
        "Đã đóng mà vẫn báo: kiểm tra dây tiếp điểm phụ và `hardware.contacts`.",
        "Closed and still told: check the wires of its auxiliary contact and `hardware.contacts`.",
      ),
    ],
  },
  "guard-lost": {
    means: pair(
      "Tiến trình tắt tăng âm khi agent chết không còn chạy.",
      "The process that makes amplifiers safe when the agent dies is gone.",
    ),
    why: pair("Nếu agent treo, loa có thể mở mãi.", "If the agent hangs, a horn could stay open."),
    steps: [RESTART_GUARD, LOGS],
  },
  "speaker-dead": {
    means: pair(
      "Lần thử gần nhất micrô không nghe thấy loa.",
      "The microphone heard nothing of the horn in the last test.",
    ),
    why: pair("Cả xóm không nghe được gì.", "A hamlet hears nothing."),
    steps: [
      pair("Kiểm tra tăng âm có mở không: `loa test amp`.", "See whether the amplifier opens: `loa test amp`."),
      pair("Đo dây loa, thay củ loa hỏng.", "Measure the horn's wires, replace a dead driver."),
      TEST_HORN,
    ],
  },
  "speaker-weak": {
    means: pair(
      "Lần thử gần nhất loa nhỏ hơn ngày lắp đặt.",
      "The last test heard it fainter than on the day of installation.",
    ),
    why: pair(
      "Một trong các loa trên cột có thể đã hỏng hoặc quay hướng.",
      "One of the horns on the pole may be dead or turned.",
    ),
    steps: [
      pair(
        "Nghe từng loa trên cột, kiểm tra hướng và giắc.",
        "Listen to each horn on the pole, check direction and plugs.",
      ),
      TEST_HORN,
      pair(
        "Nếu đã đổi loa: đặt lại mức chuẩn, `loa test speaker --baseline`.",
        "If horns were changed: `loa test speaker --baseline`.",
      ),
    ],
  },
  "recording-failed": {
    means: pair("Lời nói trực tiếp không ghi lưu được.", "What was said live could not be recorded."),
    why: pair(
      "Quy chế yêu cầu lưu; không có bằng chứng khi dân hỏi.",
      "The regulation asks for it; without it nothing answers a complaint.",
    ),
    steps: [pair("Xem dung lượng: `loa doctor space`.", "See the space: `loa doctor space`."), LOGS],
  },
});
