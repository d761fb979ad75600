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
    vi: "Chân {line}: số, thêm 'low' nếu mức thấp là bật, 'chip:số' nếu ở chip khác (trống nếu không nối)",
    en: "Line {line}: number, with 'low' where low means on, 'chip:number' on another chip (empty where not wired)",
  },
  setupGuardLost: {
    vi: "Tiến trình canh rơ-le đã dừng ({how}): nếu cài đặt bị ngắt, hãy tắt tăng âm bằng tay",
    en: "The guard of the relays has ended ({how}): where set-up is cut off, switch the amplifier off by hand",
  },
  setupEar: { vi: "Micrô nghe loa", en: "Microphone that hears the horns" },
  setupScreen: { vi: "Màn hình của bảng", en: "Screen of the board" },
  contactKeep: { vi: "Đã có tiếp điểm: {names}. Giữ lại?", en: "Contacts known: {names}. Keep them?" },
  contactAdd: { vi: "Thêm khoá, nút hoặc tiếp điểm nào (0: hết)", en: "Add which key, button or contact (0: no more)" },
  contactName: { vi: "Tên tiếp điểm", en: "Name of the contact" },
  contactWhere: { vi: "Tiếp điểm nối vào đâu", en: "Wired to" },
  contactModbus: { vi: "bo Modbus", en: "a Modbus board" },
  contactNowhere: { vi: "chưa có chân hoặc ngõ vào: không thêm", en: "no line or input: nothing added" },
  contactLine: {
    vi: "Chân tiếp điểm: số, thêm 'low' nếu mức thấp là đóng, thêm 'up' nếu cần điện trở kéo lên của chip",
    en: "Line: number, with 'low' where low means closed, with 'up' for the chip's own pull-up",
  },
  contactBoard: {
    vi: "Bo Modbus: địa chỉ mạng, hoặc cổng nối tiếp và tốc độ (/dev/ttyUSB0 9600)",
    en: "Modbus board: network address, or serial port and speed (/dev/ttyUSB0 9600)",
  },
  contactUnit: { vi: "Số của bo trên đường dây (unit)", en: "Its number on the line (unit)" },
  contactInput: {
    vi: "Ngõ vào: số từ 0, thêm 'low' nếu hở mạch là đóng",
    en: "Input: number from 0, with 'low' where an open one means closed",
  },
  contactOutput: { vi: "Cầu dao này cắt vùng loa nào (0: tất cả)", en: "Which output it cuts off (0: all)" },
  contactBattery: {
    vi: "Ắc quy: dung lượng Wh, công suất W khi im và khi phát (ví dụ: 144 6 60)",
    en: "Battery: capacity in Wh, power in W silent and playing (as: 144 6 60)",
  },
  contactOpen: { vi: "mở", en: "open" },
  contactClosed: { vi: "đóng", en: "closed" },
  contactOpenUp: { vi: "mở ra", en: "open it" },
  contactClose: { vi: "đóng lại", en: "close it" },
  contactTry: {
    vi: "{name} ({does}) đang {state}. Trả lời có rồi {act} trong {seconds} giây. Thử?",
    en: "{name} ({does}) is {state}. Say yes, then {act} within {seconds} s. Try it?",
  },
  contactBack: {
    vi: "đã {state}. Giờ {act} trong {seconds} giây.",
    en: "{state} now. And {act} again within {seconds} s.",
  },
  contactAgain: { vi: "Thử lại {name}?", en: "Try {name} again?" },
  contactUntested: { vi: "chưa thử", en: "not tested" },
  contactStuck: { vi: "không đổi trong {seconds} giây", en: "did not change within {seconds} s" },
  contactRestless: { vi: "chập chờn suốt {seconds} giây", en: "did not hold still for {seconds} s" },
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
  acceptanceAwaited: {
    vi: "Đợi tỉnh ký xác nhận biên bản, lâu nhất {seconds} giây (Ctrl-C: không đợi)…",
    en: "Waiting for the province to countersign, {seconds} s at most (Ctrl-C: not to wait)…",
  },
  acceptanceSigned: {
    vi: "Biên bản {sha}: {by} đã ký xác nhận lúc {at}.",
    en: "Acceptance {sha}: countersigned by {by} on {at}.",
  },
  acceptanceUnsigned: {
    vi: "Biên bản {sha}: tỉnh chưa ký xác nhận; tỉnh ký khi trạm đăng ký và kết nối (xem `loa enrol`).",
    en: "Acceptance {sha}: not countersigned yet; the province does so when the station enrols and connects (see `loa enrol`).",
  },
  setupInterrupted: {
    vi: "Đã dừng; những gì đã làm còn giữ. Chạy lại `loa setup` để làm tiếp.",
    en: "Stopped; what was done is kept. Run `loa setup` again to go on.",
  },
} as const;
