/** The clock: whether somebody keeps it right, and what holds it over a power cut. */
import { SystemTime } from "../../../drivers/clock/system-time.ts";
import type { ClockQuality } from "../../../playback/ports/clock.ts";
import { machineCheck, pair, type Verdict, well } from "../check.ts";

interface Reading {
  readonly now: number;
  readonly quality: ClockQuality;
  readonly rtc: { readonly present: boolean; readonly time: number | null };
  readonly trust: string | null;
  readonly chrony: boolean;
}

/** An RTC that is read in whole seconds may differ by so much from a clock that was set by it. Source: `agent/trusted-clock.ts`. */
const AGREEMENT = 5_000;
/** No station was installed before. */
const EARLIEST = Date.UTC(2025, 0, 1);

export function judgeClock({ now, quality, rtc, trust, chrony }: Reading): Verdict {
  const time = new Date(now).toISOString();
  const kept = rtc.present ? (rtc.time === null ? "RTC: –" : "RTC: ✓") : "RTC: ✗";
  const error = quality.errorMs === null ? "" : ` ±${Math.round(quality.errorMs)} ms`;
  const finding = `${time} · ${quality.source} ${quality.synchronised ? "✓" : "✗"}${error} · ${kept}${trust === null ? "" : ` · ${trust}`}`;
  if (now < EARLIEST) {
    return {
      state: "bad",
      finding,
      cause: pair(
        "Đồng hồ đứng ở quá khứ: không có pin RTC và chưa có mạng.",
        "The clock stands in the past: no RTC battery and no network yet.",
      ),
      advice: pair(
        "Đặt giờ theo điện thoại (giờ UTC), rồi lắp hoặc thay pin RTC.",
        "Set the time by a telephone (in UTC), then fit an RTC or replace its battery.",
      ),
      commands: ["date -u -s 'YYYY-MM-DD HH:MM:SS'", "hwclock --systohc"],
    };
  }
  if (quality.synchronised || trust === "attested") return well(finding);
  if (!chrony && quality.source !== "systemd-timesyncd") {
    return {
      state: "bad",
      finding,
      cause: pair("Không có chương trình nào giữ đồng hồ đúng giờ.", "Nobody keeps the clock right."),
      advice: pair("Cài chrony.", "Install chrony."),
      commands: ["apt-get install -y chrony"],
    };
  }
  // Nobody answers who could say more: an RTC that agrees is what holds the time at a pole without a network.
  const held = rtc.time !== null && Math.abs(rtc.time - now) <= AGREEMENT && (trust === null || trust === "held");
  if (held) return well(finding);
  return {
    state: "bad",
    finding,
    cause: pair(
      "Đồng hồ chưa được đồng bộ: không tới được máy chủ giờ.",
      "The clock is not synchronised: no time server is reached.",
    ),
    advice: pair(
      "Kiểm tra mạng, rồi bảo chrony thử lại. Không có mạng thì cần RTC có pin để giữ giờ.",
      "Check the network, then let chrony try again. Without a network an RTC with a battery must hold the time.",
    ),
    commands: ["chronyc online", "chronyc burst 4/4"],
  };
}

export const clock = machineCheck(
  {
    name: "clock",
    title: pair("đồng hồ", "clock"),
    codes: ["clock-not-trusted", "clock-corrected", "clock-adrift"],
  },
  async ({ machine, agent }): Promise<Reading> => {
    const answer = async (command: string, args: readonly string[]) => {
      const { code, stdout } = await machine.run(command, args, 2_000);
      if (code !== 0) throw new Error(`${command} does not answer`);
      return stdout;
    };
    const time = new SystemTime({ root: machine.at(""), run: answer });
    return {
      now: machine.now(),
      quality: await time.quality(),
      rtc: await time.rtc(),
      trust: agent?.clock.trust ?? null,
      chrony: (await machine.run("chronyc", ["--version"], 2_000)).code === 0,
    };
  },
  judgeClock,
);
