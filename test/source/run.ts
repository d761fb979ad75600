/** Runs a program to its end. */
import { spawn } from "node:child_process";

/** What it said; `stdout` is kept as bytes because it may be sound. */
export interface Output {
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** @throws with what the program said where it fails or is not installed. */
export async function run(program: string, args: readonly string[]): Promise<Output> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const stderr = Buffer.concat(err).toString("utf8");
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr.slice(-2_000)}`);
  return { stdout: Buffer.concat(out), stderr };
}
