/** The packaged words of a face, in its language; Vietnamese where it speaks another. */

interface Words {
  readonly alert: string;
  readonly exercise: string;
  readonly airing: string;
  readonly next: string;
  readonly noPicture: string;
  /** Sunday first. */
  readonly weekdays: readonly string[];
  /** `d`, `m` and `y` stand for the numbers. */
  readonly date: string;
}

const VIETNAMESE: Words = {
  alert: "CẢNH BÁO KHẨN CẤP",
  exercise: "DIỄN TẬP",
  airing: "Đang phát",
  next: "Tiếp theo",
  noPicture: "Tạm mất hình từ máy quay",
  weekdays: ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"],
  date: "d/m/y",
};
const WORDS: Readonly<Record<string, Words>> = {
  vi: VIETNAMESE,
  en: {
    alert: "EMERGENCY ALERT",
    exercise: "EXERCISE",
    airing: "On air",
    next: "Next",
    noPicture: "No picture from the camera",
    weekdays: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    date: "d/m/y",
  },
  zh: {
    alert: "紧急警报",
    exercise: "演习",
    airing: "正在播出",
    next: "接下来",
    noPicture: "摄像头暂无画面",
    weekdays: ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
    date: "y年m月d日",
  },
  lo: {
    alert: "ເຕືອນໄພສຸກເສີນ",
    exercise: "ການຝຶກຊ້ອມ",
    airing: "ກຳລັງອອກອາກາດ",
    next: "ຕໍ່ໄປ",
    noPicture: "ບໍ່ມີພາບຈາກກ້ອງ",
    weekdays: ["ວັນອາທິດ", "ວັນຈັນ", "ວັນອັງຄານ", "ວັນພຸດ", "ວັນພະຫັດ", "ວັນສຸກ", "ວັນເສົາ"],
    date: "d/m/y",
  },
  km: {
    alert: "ការជូនដំណឹងបន្ទាន់",
    exercise: "សមយុទ្ធ",
    airing: "កំពុងផ្សាយ",
    next: "បន្ទាប់",
    noPicture: "គ្មានរូបភាពពីកាមេរ៉ា",
    weekdays: ["ថ្ងៃអាទិត្យ", "ថ្ងៃចន្ទ", "ថ្ងៃអង្គារ", "ថ្ងៃពុធ", "ថ្ងៃព្រហស្បតិ៍", "ថ្ងៃសុក្រ", "ថ្ងៃសៅរ៍"],
    date: "d/m/y",
  },
};

/** `language` as BCP 47; its region does not matter. */
export function wordsFor(language: string): Words {
  return WORDS[language.split("-", 1)[0] ?? ""] ?? VIETNAMESE;
}

/** Everything that is packaged, so that its fonts are there before it is needed. */
export function allWords(): string {
  return Object.values(WORDS)
    .flatMap((words) => Object.values(words).flat())
    .join(" ");
}
