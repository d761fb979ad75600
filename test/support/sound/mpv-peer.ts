/**
 * mpv as a peer: a player that is widely used and known to be quick, told through its JSON socket to play something else. What a
 * station must be able to do at once is compared with what it does on the same card.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findHead } from "./correlate.ts";
import { realClock, wallNow } from "./real-clock.ts";
import type { Recorder } from "./recorder.ts";
import type { VirtualSoundCard } from "./virtual-sound-card.ts";

/** One running mpv without a window. */
export class MpvPeer {
  readonly #process: ChildProcess;
  readonly #socket: Socket;
  readonly #folder: string;

  private constructor(process: ChildProcess, socket: Socket, folder: string) {
    this.#process = process;
    this.#socket = socket;
    this.#folder = folder;
  }

  /** Starts it on this card. @throws Error when it does not listen within 10 s. */
  static async start(card: VirtualSoundCard): Promise<MpvPeer> {
    const folder = await mkdtemp(join(tmpdir(), "loa-mpv-"));
    const path = join(folder, "socket");
    const options = ["--no-config", "--idle=yes", "--no-video", "--no-terminal", "--ao=pulse", "--gapless-audio=no"];
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", "mpv", ...options, `--input-ipc-server=${path}`], {
      env: card.env,
      stdio: "ignore",
    });
    for (let tries = 0; tries < 200 && !existsSync(path); tries++) await realClock.wait(50);
    const socket = connect(path);
    await once(socket, "connect");
    socket.resume();
    return new MpvPeer(child, socket, folder);
  }

  /** Plays this file instead of what plays now. Returns the wall time at which it was asked. */
  replace(path: string): number {
    const asked = wallNow();
    this.#socket.write(`${JSON.stringify({ command: ["loadfile", path, "replace"] })}\n`);
    return asked;
  }

  async close(): Promise<void> {
    this.#socket.destroy();
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What is cut into and what cuts in. */
export interface CutInTrial {
  /** A long file that plays before. */
  readonly bed: string;
  /** The file that cuts in, and its samples. */
  readonly alert: string;
  readonly source: Float32Array;
  readonly trials: number;
}

/** Milliseconds from the request to the first heard sample of the alert, one per trial. @throws Error when an alert is not heard. */
export async function measureMpvCutIn(
  card: VirtualSoundCard,
  recorder: Recorder,
  trial: CutInTrial,
): Promise<number[]> {
  const peer = await MpvPeer.start(card);
  try {
    const delays: number[] = [];
    for (let n = 0; n < trial.trials; n++) {
      peer.replace(trial.bed);
      await realClock.wait(1_200 + Math.random() * 200);
      delays.push((await heardAfter(recorder, trial.source, peer.replace(trial.alert))).afterMs);
    }
    return delays;
  } finally {
    await peer.close();
  }
}

/** Of an alert, by which its beginning is known. */
const BEGINNING = 60 * 48;
/** What follows the beginning. */
const REST = 150 * 48;

/** How a sound was heard that was to cut in. */
export interface HeardCutIn {
  /** From asking to its first sample. */
  readonly afterMs: number;
  /** How far what follows stands from where it would, without a seam. */
  readonly seamMs: number;
}

/** Waits until it is recorded. @throws Error when it is not heard, or not whole */
export async function heardAfter(recorder: Recorder, source: Float32Array, asked: number): Promise<HeardCutIn> {
  await recorder.until(asked + 600 + (source.length * 1_000) / 48_000);
  const near = (ms: number) => ({ sample: recorder.sampleAt(asked + ms), within: 0.35 * 48_000 });
  const begun = findHead(recorder.samples(), source.subarray(0, BEGINNING), near(300));
  const rest = findHead(recorder.samples(), source.subarray(REST), near(450));
  // The limiter that brings an alert to its loudness changes its waveform; another sound stays below 0.4.
  if (Math.min(begun.score, rest.score) < 0.55) {
    const likeness = `likeness ${begun.score.toFixed(2)}, of the rest ${rest.score.toFixed(2)}`;
    throw new Error(`the alert was not heard whole within 650 ms (${likeness})`);
  }
  return {
    afterMs: recorder.wallTimeOf(begun.sample) - asked,
    seamMs: Math.abs(rest.sample - REST - begun.sample) / 48,
  };
}
