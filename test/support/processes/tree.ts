/** Processes and what they listen on, as the kernel has them. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process and all that descend from it. */
export function family(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = quietly(() => readFileSync(`/proc/${name}/stat`, "utf8"), "");
    // The command stands in brackets and may hold anything.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (parent > 0) parents.set(Number(name), parent);
  }
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found;
}

export function commandOf(pid: number): string {
  return quietly(() => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "), "");
}

/** Not a zombie, which waits for nothing but its parent. */
export function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  const stat = quietly(() => readFileSync(`/proc/${pid}/stat`, "utf8"), "");
  return stat !== "" && stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
}

/** Local addresses, in the kernel's hexadecimal, that these processes listen on. */
export function listenersOf(pids: readonly number[]): string[] {
  const sockets = new Set(
    pids.flatMap((pid) =>
      quietly(() => readdirSync(`/proc/${pid}/fd`), []).map((fd) =>
        quietly(() => readlinkSync(`/proc/${pid}/fd/${fd}`), ""),
      ),
    ),
  );
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && sockets.has(`socket:[${inode}]`))
      .map(([, local = ""]) => local.split(":")[0] ?? ""),
  );
}

/** A process may end while it is looked at. */
function quietly<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
