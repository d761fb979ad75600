/** Facts about processes, ports and lines, looked up where they are: in the kernel, on the wire, in the board's own log. */
import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import type { BoardLogLine } from "../../drivers/board/protocol.ts";

/** Whether nobody listens on a port of the loopback. */
export function portRefuses(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") resolve(true);
      else reject(error);
    });
  });
}

/** Whether no process has this id. */
export function processGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
    throw error;
  }
}

/** Decoders that were started with this sound server in their environment: those of our agents and of nobody else. */
export async function decodersOf(server: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    // Processes come and go while we look; one that is gone is not looked for.
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    if (name.trim() !== "ffmpeg") continue;
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (environment.split("\0").includes(`PULSE_SERVER=${server}`)) found.push(Number(pid));
  }
  return found;
}

/** When the board's lines were safe after an instant, by its own log; `null` while they are not. */
export function safeSince(lines: readonly BoardLogLine[], after: number): number | null {
  const moved = lines.filter((line) => line.event === "lines" && Date.parse(line.at) >= after);
  const safe = moved.find((line) => line.power === false && line.muted === true);
  return safe === undefined ? null : Date.parse(safe.at);
}
