/**
 * The engine in a process of its own, so that it can be stopped like an agent on a board that hangs, and so that several can play on one
 * card. Plays one file at an instant and tells each half second where it believes to be. One JSON argument, JSON lines out.
 */

import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import { WebAudioOutput } from "../../../playback/sound/web-audio-output.ts";
import { realClock } from "./real-clock.ts";
import { openTestMedia, type TestMedia } from "./test-tone.ts";

/** What the process is told. */
export interface EngineOrder {
  readonly media: TestMedia;
  /** Wall time of the machine; the first sample is wanted then by the engine's own clock. */
  readonly at: number;
  /** How far the engine's own wall clock is ahead of the machine's. */
  readonly clockErrorMs: number;
}

/** A line it says. */
export type EngineLine =
  | { readonly kind: "state"; readonly wall: number; readonly positionMs: number; readonly state: object }
  | { readonly kind: "event"; readonly event: string; readonly fields: object }
  | { readonly kind: "result"; readonly result: Readonly<Record<string, unknown>> };

const order = JSON.parse(process.argv[2] ?? "") as EngineOrder;
const say = (line: EngineLine) => process.stdout.write(`${JSON.stringify(line)}\n`);
const clock = { ...realClock, now: () => realClock.now() + order.clockErrorMs };
const supervisor = new ChildSupervisor();
const output = new WebAudioOutput({
  clock,
  supervisor,
  log: (event, fields) => say({ kind: "event", event, fields }),
});
await output.open();
const cue = await output.prepare({ kind: "media", media: await openTestMedia(order.media), fromMs: 0 });
if (isRefusal(cue)) throw new Error(`${cue.reason}: ${cue.detail}`);
const playing = cue.start({ at: order.at }, 0);
const telling = setInterval(() => {
  say({ kind: "state", wall: realClock.now(), positionMs: playing.positionMs(), state: output.state() });
}, 500);
const result = await playing.ended;
clearInterval(telling);
say({ kind: "result", result: { ...result } });
await output.close();
await supervisor.stopAll();
process.exit(0);
