/** Processes of browsers, found by the folder that they were started with: it stands in their environment, or on their command line. */
import { readdir, readFile } from "node:fs/promises";

/** Those that live and were given `folder`; what nobody has waited for is dead. */
export async function processesOf(
  folder: string,
): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    numbers.map(async (number) => {
      const [command, stat, environment] = await Promise.all(
        ["cmdline", "stat", "environ"].map((file) => read(`/proc/${number}/${file}`)),
      );
      return `${environment}${command}`.includes(folder) && !/^\d+ \(.*\) Z/s.test(stat ?? "")
        ? [{ pid: Number(number), command: command ?? "" }]
        : [];
    }),
  );
  return found.flat();
}

/** The browser itself, not what it started. */
export async function mainOf(folder: string): Promise<number> {
  const main = (await processesOf(folder)).find(
    ({ command }) => command.includes("--remote-debugging-pipe") && !command.includes("--type="),
  );
  if (main === undefined) throw new Error("no browser runs");
  return main.pid;
}

function read(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}
