import { execFile } from "node:child_process";

/** Decodes any sound file to mono samples with ffmpeg, by a way that shares nothing with the engine. @throws Error with ffmpeg's words. */
export async function decodeFile(path: string, rate = 48_000): Promise<Float32Array> {
  const args = ["-nostdin", "-v", "error", "-i", path, "-ac", "1", "-ar", String(rate), "-f", "f32le", "-"];
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    execFile("ffmpeg", args, { encoding: "buffer", maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`ffmpeg could not decode ${path}: ${stderr.toString()}`));
      else resolve(stdout);
    });
  });
  return new Float32Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 2);
}
