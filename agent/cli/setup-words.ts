/** What set-up says, in Vietnamese and English. */
export const SETUP_SENTENCES = {
  setupStep: {
    vi: "Enter: làm · s: bỏ qua · b: lùi lại · Ctrl-C: dừng, làm tiếp sau",
    en: "Enter: do it · s: skip · b: back · Ctrl-C: stop, go on later",
  },
  setupAgain: { vi: "Chưa đạt. Làm lại bước này?", en: "Not met. Do this step again?" },
  setupResume: { vi: "Có bản nháp lúc {at}. Làm tiếp?", en: "There is a draft of {at}. Go on with it?" },
  setupFolder: {
    vi: "Thư mục gói cài đặt của tỉnh (trống nếu không có)",
    en: "Folder of the province (empty where there is none)",
  },
  setupReplace: {
    vi: "Gói này thay bo mạch của {station}. Gõ lại đúng tên đó",
    en: "This folder replaces the board of {station}. Type that name",
  },
  setupPrints: { vi: "Khoá gốc: {prints}. Khớp với giấy?", en: "Root keys: {prints}. As on the paper?" },
  setupPrintsDiffer: {
    vi: "Khoá gốc không khớp với giấy: đừng dùng gói này, báo cho tỉnh.",
    en: "The root keys differ from the paper: do not use this folder, tell the province.",
  },
  setupStation: { vi: "Mã cụm loa", en: "Identifier of the cluster" },
  setupCommune: { vi: "Mã xã (5 chữ số)", en: "Commune code (5 digits)" },
  setupProvince: { vi: "Mã tỉnh (2 chữ số)", en: "Province code (2 digits)" },
  setupHamlet: { vi: "Mã thôn (trống nếu không có)", en: "Hamlet (empty where none)" },
  setupRoot: { vi: "Tệp khoá gốc", en: "Root file" },
  setupBroker: { vi: "Máy chủ MQTT (trống nếu chưa có)", en: "Broker (empty where none)" },
  setupTechnician: { vi: "Người lắp đặt", en: "Technician" },
  setupPlace: { vi: "Vị trí (ví dụ: cột điện đầu thôn 1)", en: "Place (as: pole at the entrance of hamlet 1)" },
  setupPosition: { vi: "Toạ độ vĩ, kinh (trống nếu không biết)", en: "Latitude, longitude (empty where unknown)" },
  setupCard: { vi: "Card âm thanh ra loa", en: "Sound card of the horns" },
  setupChip: { vi: "Chip GPIO nối với tăng âm", en: "GPIO chip of the amplifier" },
  setupLine: {
    vi: "Chân {line}: số, thêm 'low' nếu mức thấp là bật (trống nếu không nối)",
    en: "Line {line}: number, with 'low' where low means on (empty where not wired)",
  },
  setupEar: { vi: "Micrô nghe loa", en: "Microphone that hears the horns" },
  setupScreen: { vi: "Màn hình của bảng", en: "Screen of the board" },
  setupTone: { vi: "Phát tiếng 1 kHz ra từng loa?", en: "Let each horn sound 1 kHz?" },
  setupHeard: { vi: "Có nghe rõ loa {output} không?", en: "Was {output} heard clearly?" },
  setupVolume: { vi: "Âm lượng không bao giờ vượt (%)", en: "Volume never above (%)" },
  setupSeen: {
    vi: "Mặt {face} có hiện hình thử và đúng tên không?",
    en: "Does {face} show the pattern with its name?",
  },
  setupTime: {
    vi: "Đồng hồ bo mạch: {time}. Khớp với điện thoại?",
    en: "The board says {time}. As on your telephone?",
  },
  setupOffline: {
    vi: "Chưa tới được máy chủ. Ở đây chưa có mạng, để sau?",
    en: "The broker is not reached. No network here yet, leave it for later?",
  },
  setupStart: { vi: "Khởi động agent ngay bây giờ?", en: "Start the agent now?" },
  setupLater: { vi: "để sau: systemctl enable --now loa", en: "later: systemctl enable --now loa" },
  setupStop: {
    vi: "Agent đang chạy. Dừng nó để thử dây?",
    en: "The agent is running. Stop it, so that wires can be tried?",
  },
  setupRunning: {
    vi: "Agent đang chạy: dừng dịch vụ loa trước (systemctl stop loa), hoặc `stopAgent: true` trong tệp.",
    en: "The agent is running: stop the loa service first (systemctl stop loa), or say `stopAgent: true` in the file.",
  },
  setupOther: {
    vi: "Bo mạch này đã là trạm {station}: `loa factory-reset` trước.",
    en: "This board is the station {station} already: `loa factory-reset` first.",
  },
  setupPassed: { vi: "LẮP ĐẶT XONG. Biên bản nghiệm thu:", en: "INSTALLED. Acceptance report:" },
  setupFailed: {
    vi: "CHƯA ĐẠT: xem những mục ✗ trong biên bản, sửa rồi chạy lại `loa setup`.",
    en: "NOT ACCEPTED: see what is marked in the report, mend it and run `loa setup` again.",
  },
  setupJournalled: { vi: "Đã ghi vào nhật ký và sẽ gửi tỉnh.", en: "Journalled; it goes to the province." },
  setupJournalsLater: {
    vi: "Agent sẽ ghi vào nhật ký và gửi tỉnh khi khởi động.",
    en: "The agent journals it and sends it to the province when it starts.",
  },
  setupInterrupted: {
    vi: "Đã dừng; những gì đã làm còn giữ. Chạy lại `loa setup` để làm tiếp.",
    en: "Stopped; what was done is kept. Run `loa setup` again to go on.",
  },
} as const;
