/**
 * The engine in a process of its own, so that it can be stopped like an agent on a board that hangs, and so that several can play on one
 * card without knowing of each other. Plays one file at an instant. One JSON argument; the result is its only line.
 */

import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import type { PlayResult, SoundState } from "../../../playback/ports/sound.ts";
import { WebAudioOutput } from "../../../playback/sound/web-audio-output.ts";
import { realClock } from "./real-clock.ts";
import { openTestMedia, type TestMedia } from "./test-tone.ts";

/** What the process is told. */
export interface EngineOrder {
  readonly media: TestMedia;
  /** Wall time at which the first sample is wanted. */
  readonly at: number;
  /** From a wall time on, its own wall clock is ahead by so much. */
  readonly clockError?: { readonly from: number; readonly ms: number };
}

/** What it says at the end. */
export interface EngineAccount {
  readonly result: PlayResult;
  readonly state: SoundState;
}

if (process.argv[1] === import.meta.filename) await play(JSON.parse(process.argv[2] ?? "") as EngineOrder);

async function play({ media, at, clockError }: EngineOrder): Promise<void> {
  const now = () => {
    const wall = realClock.now();
    return clockError !== undefined && wall >= clockError.from ? wall + clockError.ms : wall;
  };
  const supervisor = new ChildSupervisor();
  const output = new WebAudioOutput({ clock: { ...realClock, now }, supervisor });
  await output.open();
  const cue = await output.prepare({ kind: "media", media: await openTestMedia(media), fromMs: 0 });
  if (isRefusal(cue)) throw new Error(`${cue.reason}: ${cue.detail}`);
  const result = await cue.start({ at }, 0).ended;
  const account: EngineAccount = { result, state: output.state() };
  process.stdout.write(`${JSON.stringify(account)}\n`);
  await output.close();
  await supervisor.stopAll();
  process.exit(0);
}
