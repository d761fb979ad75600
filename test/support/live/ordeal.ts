/** What a live source does to a station at length: each kind of loss, its return, and one that comes and goes; heard by a recorder beside. */
import { spawn } from "node:child_process";
import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { VirtualSoundCard } from "../sound/virtual-sound-card.ts";
import type { HeardSlot } from "./heard-slot.ts";
import type { LiveRig } from "./live-rig.ts";
import { type Heard, tonesIn } from "./tones.ts";

export const ORDEALS = ["killed", "frozen", "muted", "noise", "flapping"] as const;
export type Ordeal = (typeof ORDEALS)[number];

/** When something happened, in seconds of the recording. */
export interface Happening {
  readonly at: number;
  readonly what: string;
}

const GOOD_MS = 15_000;
const AWAY_MS = 12_000;
const SILENT_MS = 26_000;
/** The minute of good sound, and what a source takes to be reached again. */
const RETURN_MS = 95_000;
const FLAP_MS = 20_000;
const FLAPS = 3;

/** Brings the source into trouble and out again; says when each began. */
export async function endure(
  ordeal: Ordeal,
  rig: LiveRig,
  note: (what: string) => void,
  slot: HeardSlot,
): Promise<void> {
  await sleep(GOOD_MS);
  note(`lost ${ordeal}`);
  switch (ordeal) {
    case "killed":
      await rig.kill();
      await sleep(AWAY_MS);
      await rig.start();
      break;
    case "frozen":
      rig.freeze(true);
      await sleep(AWAY_MS);
      rig.freeze(false);
      break;
    case "muted":
    case "noise":
      rig.say(ordeal === "muted" ? "mute" : "noise");
      await sleep(SILENT_MS);
      rig.say("tone");
      break;
    case "flapping":
      for (let flap = 0; flap < FLAPS; flap++) {
        await rig.kill();
        await sleep(FLAP_MS);
        await rig.start();
        note("there");
        await sleep(FLAP_MS);
        note("gone");
      }
      await rig.kill();
      await rig.start();
      break;
  }
  note(`good ${ordeal}`);
  const deadline = performance.now() + RETURN_MS;
  while (slot.run.onAir()?.live?.state !== "playing" && performance.now() < deadline) await sleep(100);
  note(`back ${ordeal}`);
}

/** A recorder in a process of its own, so that what it holds does not weigh on this one. */
export async function recordTo(path: string, card: VirtualSoundCard) {
  const format = ["--format=float32le", "--channels=1", "--rate=48000", "--latency-msec=20"];
  const command = ["--pdeathsig", "KILL", "--", "parec", "--raw", "-d", card.monitor, ...format, path];
  const child = spawn("setpriv", command, { env: card.env, stdio: "ignore" });
  await sleep(500);
  const began = performance.now() - 500;
  return {
    now: () => (performance.now() - began) / 1_000,
    async stop(): Promise<void> {
      const closed = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await closed;
    },
  };
}

/** Which tone sounds in every twentieth of a second of a raw recording. */
export async function tonesOf(path: string, live: number, instead: number): Promise<Heard[]> {
  const heard: Heard[] = [];
  // A second at a time.
  for await (const chunk of createReadStream(path, { highWaterMark: 4 * 48_000 })) {
    const bytes = new Uint8Array(chunk as Buffer);
    heard.push(...tonesIn(new Float32Array(bytes.buffer, 0, bytes.length >> 2), live, instead));
  }
  return heard;
}

/** Garbage is no burden. */
function collect(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

/** Descriptors of this process, its dead children that nobody awaited, and its memory in megabytes. */
export function burden(): { descriptors: number; zombies: number; megabytes: number } {
  const zombies = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isOurZombie(name)).length;
  collect();
  return { descriptors: readdirSync("/proc/self/fd").length, zombies, megabytes: process.memoryUsage.rss() / 1e6 };
}

function isOurZombie(pid: string): boolean {
  try {
    const [state, parent] = (readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1] ?? "").split(" ");
    return state === "Z" && Number(parent) === process.pid;
  } catch {
    // It ended while it was looked at.
    return false;
  }
}
