/** Measures how loud a file is, by an ffmpeg child that reads it once, as fast as it can and behind everything else. */
import type { MeasuredLoudness } from "../model/loudness.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import { type Decibels, MINUTE, type Millis } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { OpenMedia } from "../ports/media.ts";
import type { Supervisor } from "../ports/supervisor.ts";
import { measuringArguments } from "./decoder-arguments.ts";
import type { Band } from "./processing.ts";

/** A board reads ten times faster than real time; a file that takes longer than it lasts, and this, is given up. */
const PATIENCE: Millis = MINUTE;
/** What ebur128 says of silence, and of what is shorter than one of its windows. */
const NOTHING: Decibels = -70;

/** The summary that ffmpeg's `ebur128` ends with; `null` where there is none. */
export function parseLoudness(stderr: string): MeasuredLoudness | null {
  const summary = stderr.slice(stderr.lastIndexOf("Summary:"));
  const lufs = /\n\s*I:\s+(-?[\d.]+|nan|-inf) LUFS/.exec(summary)?.[1];
  const peak = /\n\s*Peak:\s+(-?[\d.]+|nan|-inf) dBFS/.exec(summary)?.[1];
  if (lufs === undefined || peak === undefined) return null;
  const level = (text: string) => (Number.isFinite(Number(text)) ? Number(text) : null);
  const loudness = level(lufs);
  return { lufs: loudness !== null && loudness > NOTHING ? loudness : null, truePeak: level(peak) };
}

/** Reads the media whole and closes it. A refusal says `media-unplayable`. Bounded by its length and a minute; `signal` ends it at once. */
export async function measureLoudness(
  media: OpenMedia,
  band: Band | null,
  ports: { readonly clock: Clock; readonly supervisor: Supervisor },
  signal: AbortSignal,
): Promise<MeasuredLoudness | Refusal> {
  try {
    if (signal.aborted) return refusal("media-unplayable", "measuring its loudness was given up");
    const args = measuringArguments(media.type, band);
    if (args === null) return refusal("media-unplayable", `media type ${media.type} cannot be played`);
    const child = ports.supervisor.run({ name: "loudness", command: "ffmpeg", args, fds: [media.fd], nice: 19 });
    const settled = new AbortController();
    const stop = () => void child.stop();
    signal.addEventListener("abort", stop, { once: true });
    void ports.clock.wait(media.durationMs + PATIENCE, settled.signal).then(stop);
    const drained = drain(child.stdout);
    const { code, stderr } = await child.exited;
    settled.abort();
    signal.removeEventListener("abort", stop);
    await drained;
    const measured = code === 0 ? parseLoudness(stderr) : null;
    const said = stderr.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
    return measured ?? refusal("media-unplayable", `its loudness could not be measured (${code}): ${said}`);
  } finally {
    await media.close();
  }
}

/** Nothing is said there; a pipe that nobody reads would only keep the child from ending. */
async function drain(output: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of output);
}
