/** `loa bridge`: the commune office's microphone, or an old studio's line, on its way to the horns; a meter shows that it passes. */
import { SystemTime } from "../../../drivers/clock/system-time.ts";
import { BRIDGE_SYSTEMS, formatsTo, settingsMistake } from "../../bridge/arguments.ts";
import { Bridge, type BridgeStatus } from "../../bridge/bridge.ts";
import { ChildSupervisor } from "../../child-supervisor.ts";
import { type CliCommand, EXIT, type Flags, UsageError } from "../command.ts";
import type { Words } from "../words.ts";

const SHOW_EVERY_MS = 200;
const TELL_EVERY_MS = 1_000;
const QUIETEST = -60;
const CELLS = 30;

function oneOf<T extends string>(value: string | null, choices: readonly T[]): T {
  const [first] = choices;
  if (value === null && first !== undefined) return first;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new UsageError(`'${value}': ${choices.join(" | ")}`);
  return found;
}

/** The address may hold a password, so it may come from the environment, where other users do not see it. */
function settingsOf(input: string | undefined, flags: Flags) {
  const to = flags.to ?? process.env.LOA_BRIDGE_TO;
  if (input === undefined || to === undefined) throw new UsageError(bridge.usage);
  const mistake = settingsMistake({ to });
  if (mistake !== null) throw new UsageError(mistake);
  const [system = "", ...device] = input.split(":");
  const kilobits = Number(flags.kbps ?? 64);
  if (!Number.isInteger(kilobits) || kilobits < 16 || kilobits > 320) throw new UsageError("--kbps 16–320");
  return {
    ...{ to, kilobits, sdp: flags.sdp, format: oneOf(flags.format, formatsTo(to)) },
    system: oneOf(system, BRIDGE_SYSTEMS),
    device: device.join(":") || "default",
  };
}

function meter({ state, level, losses, problem }: BridgeStatus, words: Words): string {
  const cells = Math.round((Math.max(0, level - QUIETEST) / -QUIETEST) * CELLS);
  const bar = `${"█".repeat(cells)}${"·".repeat(CELLS - cells)}`;
  const shown = Number.isFinite(level) ? level.toFixed(0) : "−∞";
  const lost = losses === 0 ? "" : ` · ${words.say("losses", { n: String(losses) })}`;
  return `${words.say(state)} ${bar} ${shown} dBFS${lost}${problem === null ? "" : ` · ${problem}`}`;
}

export const bridge: CliCommand = {
  usage: "loa bridge alsa:DEVICE|pulse:SOURCE [--to URL] [--format mp3|opus|aac] [--kbps N] [--sdp FILE]",
  help: {
    vi: "đưa micrô hoặc đường dây của đài xã lên mạng (địa chỉ: --to hoặc LOA_BRIDGE_TO)",
    en: "carry the office's microphone or line to the network (address: --to or LOA_BRIDGE_TO)",
  },
  async run({ args: [input], flags, words, print }) {
    const settings = settingsOf(input, flags);
    const clock = new SystemTime();
    const supervisor = new ChildSupervisor();
    const carrier = new Bridge(settings, { clock: { ...withoutTrust(clock) }, supervisor });
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    const running = carrier.run(stop.signal);
    const terminal = process.stdout.isTTY && !flags.json;
    const every = terminal ? SHOW_EVERY_MS : TELL_EVERY_MS;
    const told = setInterval(() => {
      const { status } = carrier;
      const level = Number.isFinite(status.level) ? status.level : null;
      if (flags.json) print(JSON.stringify({ ...status, level }));
      else if (terminal) process.stdout.write(`\r\u001b[K${meter(status, words)}`);
      else print(meter(status, words));
    }, every);
    await running.finally(() => clearInterval(told));
    if (terminal) process.stdout.write("\n");
    return EXIT.ok;
  },
};

/** A bridge decides nothing by the wall clock. */
function withoutTrust(time: SystemTime) {
  return {
    now: () => time.now(),
    monotonic: () => time.monotonic(),
    trust: () => "unknown" as const,
    wait: (delay: number, signal?: AbortSignal) => time.wait(delay, signal),
  };
}
