/** Records both sides of a stereo card on one sample clock, so that they can be compared with each other; it knows no wall time. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { VirtualSoundCard } from "./virtual-sound-card.ts";

/** Starts recording; the answer ends it and gives left and right at 48 kHz. */
export function recordStereo(card: VirtualSoundCard): () => Promise<readonly [Float32Array, Float32Array]> {
  const format = ["--format=s16le", "--channels=2", "--rate=48000", "--latency-msec=50"];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", "parec", "--raw", "-d", card.monitor, ...format], {
    env: card.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const closed = once(child, "close");
  return async () => {
    child.kill("SIGTERM");
    await closed;
    const bytes = Buffer.concat(chunks);
    const side = (channel: 0 | 1) =>
      Float32Array.from({ length: bytes.length >> 2 }, (_, n) => bytes.readInt16LE(n * 4 + channel * 2) / 32_768);
    return [side(0), side(1)];
  };
}
