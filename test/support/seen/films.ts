/** Videos made for a test. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Picture } from "./picture.ts";

/** Bits of the frame's number, painted as fields from the left, the highest first. */
const BITS = 10;
const WIDTH = 320;
const HEIGHT = 180;

/** A film whose every frame says which one it is. */
export function countingFilm(frames: number, rate = 25): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "loa-film-"));
  const file = join(folder, "film.mp4");
  const raw = Buffer.concat(Array.from({ length: frames }, (_, number) => frameOf(number)));
  const input = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", `${WIDTH}x${HEIGHT}`, "-r", String(rate), "-i", "pipe:0"];
  const output = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", String(rate), "-pix_fmt", "yuv420p"];
  execFileSync("ffmpeg", ["-v", "error", ...input, ...output, "-movflags", "+faststart", file], { input: raw });
  const film = readFileSync(file);
  rmSync(folder, { recursive: true });
  return film;
}

/** The number of the frame that stands in this rectangle, which the film fills. */
export function frameIn(picture: Picture, rect: { x: number; y: number; width: number; height: number }): number {
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const [red] = picture.at(rect.x + ((bit + 0.5) * rect.width) / BITS, rect.y + rect.height / 2);
    number = number * 2 + (red > 127 ? 1 : 0);
  }
  return number;
}

function frameOf(number: number): Buffer {
  const line = Buffer.alloc(WIDTH);
  for (let x = 0; x < WIDTH; x++) {
    const bit = BITS - 1 - Math.floor((x * BITS) / WIDTH);
    line[x] = (number >> bit) & 1 ? 255 : 0;
  }
  return Buffer.concat(Array.from({ length: HEIGHT }, () => line));
}
