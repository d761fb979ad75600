/** Whether the board can keep up: heat, supply voltage, memory, load. */
import { machineCheck, pair, type Verdict, well } from "../check.ts";

interface Reading {
  readonly celsius: number | null;
  readonly underVoltage: boolean;
  /** Share of the memory that is free. */
  readonly memory: number | null;
  /** Load of five minutes for each core. */
  readonly load: number | null;
}

/** Assumed: boards slow themselves down from 80 °C (Raspberry Pi) or 85 °C (Rockchip). */
const HOT = 80;
const LITTLE_MEMORY = 0.08;
const BUSY = 1.5;

export function judgeLoad({ celsius, underVoltage, memory, load }: Reading): Verdict {
  const finding = [
    celsius === null ? "" : `${Math.round(celsius)} °C`,
    memory === null ? "" : `RAM ${Math.round(memory * 100)} %`,
    load === null ? "" : `load ${load.toFixed(2)}`,
    underVoltage ? "⚡" : "",
  ]
    .filter((text) => text !== "")
    .join(" · ");
  const bad = (cause: Verdict["cause"], advice: Verdict["advice"]): Verdict => ({
    state: "bad",
    finding,
    ...(cause === undefined ? {} : { cause }),
    ...(advice === undefined ? {} : { advice }),
  });
  if (underVoltage) {
    return bad(
      pair("Điện áp cấp cho bo mạch bị sụt.", "The board's supply voltage drops."),
      pair(
        "Thay nguồn hoặc cáp nguồn tốt hơn (5,1 V, đủ dòng).",
        "Fit a better supply or cable (5.1 V, enough current).",
      ),
    );
  }
  if (celsius !== null && celsius >= HOT) {
    return bad(
      pair("Bo mạch quá nóng nên tự giảm tốc.", "The board is too hot and slows itself down."),
      pair("Che nắng, làm thoáng hộp hoặc gắn tản nhiệt.", "Shade it, let air through the box or fit a heat sink."),
    );
  }
  if (memory !== null && memory < LITTLE_MEMORY) {
    return bad(
      pair("Bộ nhớ gần hết.", "The memory is nearly used up."),
      pair(
        "Xem chương trình nào dùng nhiều (`ps aux --sort=-rss | head`) và gỡ nó; bo mạch chỉ nên chạy Loa.",
        "See which program uses it (`ps aux --sort=-rss | head`) and remove it; the board should run nothing but Loa.",
      ),
    );
  }
  if (load !== null && load > BUSY) {
    return bad(
      pair("Bo mạch quá tải.", "The board is overloaded."),
      pair(
        "Xem chương trình nào chạy nhiều (`ps aux --sort=-pcpu | head`) và dừng nó.",
        "See which program runs so much (`ps aux --sort=-pcpu | head`) and stop it.",
      ),
    );
  }
  return well(finding);
}

export const load = machineCheck(
  { name: "load", title: pair("tải và nhiệt độ", "load"), codes: ["sound-torn", "playback-late", "under-voltage"] },
  async ({ machine }): Promise<Reading> => {
    const zones = (await machine.list("/sys/class/thermal")).filter((name) => name.startsWith("thermal_zone"));
    const heats: number[] = [];
    for (const zone of zones) heats.push(Number(await machine.read(`/sys/class/thermal/${zone}/temp`)) / 1_000);
    let underVoltage = false;
    for (const name of await machine.list("/sys/class/hwmon")) {
      const alarm = await machine.read(`/sys/class/hwmon/${name}/in0_lcrit_alarm`);
      underVoltage ||= alarm?.trim() === "1";
    }
    const meminfo = (await machine.read("/proc/meminfo")) ?? "";
    const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(meminfo)?.[1] ?? Number.NaN);
    const memory = kb("MemAvailable") / kb("MemTotal");
    const cores = ((await machine.read("/proc/cpuinfo")) ?? "").match(/^processor\s*:/gm)?.length ?? 1;
    const five = Number((await machine.read("/proc/loadavg"))?.split(" ")[1]);
    const known = heats.filter((heat) => Number.isFinite(heat) && heat > 0 && heat < 200);
    return {
      celsius: known.length === 0 ? null : Math.max(...known),
      underVoltage,
      memory: Number.isFinite(memory) ? memory : null,
      load: Number.isFinite(five) ? five / cores : null,
    };
  },
  judgeLoad,
);
