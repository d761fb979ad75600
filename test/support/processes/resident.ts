/** Memory of other processes. */
import { readFile } from "node:fs/promises";

/** Resident set in MB. @throws where the process is gone */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}
