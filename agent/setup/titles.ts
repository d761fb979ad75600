/** What the steps of set-up are called, at the terminal and in the report. */
import type { Pair } from "../report/words.ts";

export const STEP_TITLES = {
  place: { vi: "Vị trí và người lắp", en: "Place and technician" },
  station: { vi: "Danh tính trạm", en: "Identity" },
  hardware: { vi: "Phần cứng", en: "Hardware" },
  wiring: { vi: "Thử dây rơ-le", en: "Wiring test" },
  contacts: { vi: "Khoá, nút và tiếp điểm", en: "Keys, buttons and contacts" },
  tone: { vi: "Tiếng thử từng loa", en: "Tone from each horn" },
  volume: { vi: "Âm lượng tối đa", en: "Loudest volume" },
  write: { vi: "Ghi cấu hình", en: "Configuration" },
  network: { vi: "Mạng", en: "Network" },
  clock: { vi: "Đồng hồ", en: "Clock" },
  storage: { vi: "Thẻ nhớ", en: "Storage" },
  start: { vi: "Khởi động và đăng ký", en: "Start and enrolment" },
  pattern: { vi: "Hình thử từng mặt", en: "Pattern on each face" },
} as const satisfies Record<string, Pair>;
export type StepName = keyof typeof STEP_TITLES;

/** Of a step that a record names; one that this version does not know keeps its name. */
export function titleOf(step: string): Pair {
  return (STEP_TITLES as Readonly<Record<string, Pair>>)[step] ?? { vi: step, en: step };
}
