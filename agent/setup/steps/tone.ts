/**
 * A tone from each horn, through ffmpeg and the card, with the amplifier opened as for a programme; heard by the microphone where there is one, else by
 * whoever stands there. Then how loud the station may ever be.
 */
import { spawn } from "node:child_process";
import { FfmpegEar } from "../../../drivers/ear/ffmpeg-ear.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import { RATE } from "../../../playback/sound/units.ts";
import { ChildSupervisor } from "../../child-supervisor.ts";
import { outputsOf } from "../../config/hardware-file.ts";
import { heardTone } from "../../speaker/judge.ts";
import { hardwareOf } from "../answers.ts";
import type { ResultLine } from "../draft.ts";
import { bad, line, type Session, type Step, skipped, well } from "../session.ts";
import { pause, wiredOf, withAmplifier } from "./wiring.ts";

const HERTZ = 1_000;
const TONE_S = 3;
const BACKGROUND_MS = 700;
/** Above the background: a tone that is heard. Source: `agent/speaker/judge.ts`. */
const HEARD_DB = 6;
/** Softer than a programme: somebody stands beside the horn. */
const LEVEL_DB = -12;

export interface ToneResult {
  readonly problem: string | null;
  /** By the microphone; `null` where there is none. */
  readonly toneDb: number | null;
  readonly backgroundDb: number | null;
}

/** Plays it on an ALSA device; says why not. */
function play(device: string, channel: number, channels: number): Promise<string | null> {
  const gains = Array.from({ length: channels }, (_, at) => `c${at}=${at + 1 === channel ? "1*c0" : "0*c0"}`);
  const layout = channels === 1 ? [] : ["-filter:a", `pan=${channels}c|${gains.join("|")}`];
  const args = [
    ...["-nostdin", "-hide_banner", "-loglevel", "error", "-f", "lavfi"],
    ...["-i", `sine=frequency=${HERTZ}:duration=${TONE_S}:sample_rate=${RATE}`],
    ...["-af", `volume=${LEVEL_DB}dB,afade=d=0.05,afade=t=out:st=${TONE_S - 0.05}:d=0.05`],
    ...layout,
    ...["-f", "alsa", device],
  ];
  return new Promise((resolve) => {
    let said = "";
    const child = spawn("ffmpeg", args, { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.on("data", (text: Buffer) => {
      said = (said + text.toString()).slice(-4_096);
    });
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code === 0 ? null : (wordOf(said) ?? `ffmpeg ${code}`)));
  });
}

/** Of all that ffmpeg and ALSA say: what became of the device. Pure. */
export function wordOf(said: string): string | null {
  const lines = said.trim().split("\n");
  return (
    lines.find((one) => /cannot open audio device/.test(one))?.replace(/^\[[^\]]*\]\s*/, "") ?? (lines.at(-1) || null)
  );
}

async function sound(session: Session, output: string): Promise<ToneResult> {
  const meant = hardwareOf(session.answers);
  const { sound: card, amplifierTimes } = outputsOf({ output: "horn", hardware: meant }).find(
    ({ name }) => name === output,
  ) as ReturnType<typeof outputsOf>[0];
  const tone = async (): Promise<ToneResult> => {
    const supervisor = new ChildSupervisor();
    const listening =
      meant.ear === undefined ? null : new FfmpegEar(meant.ear, supervisor).listen((TONE_S + 5) * 1_000);
    if (listening !== null) await pause(BACKGROUND_MS);
    const began = listening?.heardMs() ?? 0;
    const problem = await play(card.device ?? "default", card.channel, card.channels ?? card.channel);
    const heard = await listening?.stop();
    if (heard === undefined || isRefusal(heard)) {
      return { problem: problem ?? (heard === undefined ? null : heard.detail), toneDb: null, backgroundDb: null };
    }
    const border = Math.round((began / 1_000) * RATE);
    return { problem, ...heardTone(heard.subarray(0, border), heard.subarray(border), HERTZ) };
  };
  const wired = wiredOf(session.answers).find((one) => one.output === output);
  if (wired === undefined) return tone();
  return withAmplifier(session, wired.config, async (amplifier) => {
    await amplifier.drive({ power: true, muted: true });
    await pause(amplifierTimes.settleMs);
    await amplifier.drive({ power: true, muted: false });
    await pause(amplifierTimes.guardMs);
    return tone();
  });
}

/** Whether it was heard, by the microphone's word before anybody's. */
async function judged({ ui, words, answers }: Session, output: string, result: ToneResult): Promise<boolean> {
  if (result.problem !== null) return false;
  if (result.toneDb !== null && result.backgroundDb !== null) return result.toneDb - result.backgroundDb >= HEARD_DB;
  return ui.confirm(words.say("setupHeard", { output }), answers.heard[output] ?? true);
}

export const tone: Step = {
  name: "tone",
  async run(session) {
    const { ui, words, answers } = session;
    if (hardwareOf(answers).sound.kind === "none") return skipped();
    if (answers.tone === "skip" || !(await ui.confirm(words.say("setupTone"), true))) return skipped();
    const lines: ResultLine[] = [];
    let fine = true;
    for (const { name } of outputsOf({ output: "horn", hardware: hardwareOf(answers) })) {
      const result = await sound(session, name).catch((error: unknown) => {
        if (!(error instanceof StationError)) throw error;
        return { problem: error.message, toneDb: null, backgroundDb: null };
      });
      const heard = await judged(session, name, result);
      fine &&= heard;
      const level =
        result.toneDb === null ? "" : ` ${result.toneDb.toFixed(1)} dB / ${result.backgroundDb?.toFixed(1)} dB`;
      lines.push(line(name, name, `${heard ? "✓" : "✗"} ${HERTZ} Hz${level} ${result.problem ?? ""}`.trimEnd()));
    }
    return fine ? well(...lines) : bad(...lines);
  },
};

export const volume: Step = {
  name: "volume",
  async run(session) {
    const { ui, words, answers } = session;
    const typed = Number(await ui.ask(words.say("setupVolume"), String(answers.volumeCeiling ?? 100)));
    const volumeCeiling = Number.isFinite(typed) ? Math.min(100, Math.max(0, Math.round(typed))) : 100;
    session.answers = { ...answers, volumeCeiling };
    const measured =
      session
        .resultOf("tone")
        ?.lines.map(({ vi, value }) => `${vi}: ${value}`)
        .join("; ") ?? "—";
    return well(line("Trần âm lượng", "Ceiling", `${volumeCeiling} %`), line("Đo bằng", "Measured by", measured));
  },
};
