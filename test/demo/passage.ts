/**
 * Lets the person hear the story. It always plays to our own virtual card, which can be measured on any machine; what that card lets be
 * heard is passed on to the machine's sound server or card, where there is one.
 */
import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";

const run = promisify(execFile);
const RAW = ["--raw", "--format=s16le", "--rate=48000", "--channels=1"];

export interface Passage {
  /** What the sound goes through, for people. */
  readonly through: string;
  stop(): void;
}

/** Begins to pass on; `null` where this machine has no sound of its own. */
export async function passOn(card: VirtualSoundCard): Promise<Passage | null> {
  const player = (await serverPlayer()) ?? (await cardPlayer());
  if (player === null) return null;
  const pdeath = ["--pdeathsig", "KILL", "--"];
  const ear = spawn("setpriv", [...pdeath, "parec", ...RAW, "-d", card.monitor, "--latency-msec=20"], {
    env: card.env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const mouth = spawn("setpriv", [...pdeath, ...player.command], { stdio: ["pipe", "ignore", "ignore"] });
  for (const child of [ear, mouth]) {
    // Hearing it is a courtesy: a machine whose sound fails still runs the story, and the recorder decides.
    child.on("error", () => undefined);
  }
  mouth.stdin?.on("error", () => ear.kill());
  ear.stdout?.pipe(mouth.stdin);
  return {
    through: player.through,
    stop() {
      ear.kill();
      mouth.kill();
    },
  };
}

interface Player {
  readonly through: string;
  readonly command: readonly string[];
}

/** PulseAudio or PipeWire, if the user's own environment reaches one. */
async function serverPlayer(): Promise<Player | null> {
  try {
    const { stdout } = await run("pactl", ["info"], { timeout: 2_000, env: { ...process.env, LC_ALL: "C" } });
    const name = /^Server Name: (.+)$/m.exec(stdout)?.[1] ?? "PulseAudio";
    return { through: name, command: ["pacat", ...RAW, "--latency-msec=50", "--client-name=Loa"] };
  } catch {
    // Nobody answers: the machine has no sound server, which is no fault.
    return null;
  }
}

/** A bare ALSA card. */
async function cardPlayer(): Promise<Player | null> {
  const cards = await readFile("/proc/asound/cards", "utf8").catch(() => "");
  const name = /^\s*\d+ \[\S+\s*\]: (.+)$/m.exec(cards)?.[1];
  if (name === undefined) return null;
  const input = ["-f", "s16le", "-ar", "48000", "-ac", "1", "-i", "pipe:0"];
  return { through: `ALSA ${name}`, command: ["ffmpeg", "-v", "quiet", ...input, "-f", "alsa", "default"] };
}
