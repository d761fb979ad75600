import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { rootFile } from "../../../agent/contract/trust.ts";
import { birthOf, eventsOf, FakeStation } from "./fake-station.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = await temporaryFolder();
const MAIN = join(import.meta.dirname, "..", "..", "source", "main.ts");

/** The desk as a process, and a way to wait for what it prints. */
class Terminal {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly ended: Promise<number | null>;
  #wake: (() => void)[] = [];

  constructor(...args: string[]) {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: "pipe" });
    this.child = child;
    this.ended = new Promise((resolve) => child.once("close", resolve));
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on("line", (line) => this.#heard(line));
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  #heard(line: string): void {
    this.lines.push(line);
    for (const wake of this.#wake.splice(0)) wake();
  }
}

let terminal: Terminal;
afterEach(() => terminal.child.kill("SIGKILL"));

describe("the desk in a terminal", () => {
  it("explains itself, and says what is missing", async () => {
    terminal = new Terminal("--help");
    expect(await terminal.ended).toBe(0);
    expect(terminal.lines).toContain("  cancel IDENTIFIER");
    terminal = new Terminal("--folder", folder);
    expect(await terminal.ended).toBe(1);
    expect(terminal.lines.join()).toContain("one of --broker and --start-broker");
  });

  it("starts a broker, publishes what it is told and prints what stations say", async () => {
    const home = join(folder, "desk");
    terminal = new Terminal("--folder", home, "--start-broker");
    const url = (await terminal.printed(/^broker /)).slice("broker ".length);
    await terminal.printed(/^trust seq=1/);
    expect(rootFile.parse(JSON.parse(await readFile(join(home, "root.json"), "utf8"))).threshold).toBe(2);

    const station = await FakeStation.connect(url, "xa-9");
    await station.say("birth", birthOf("xa-9", station.journal));
    expect(await terminal.printed(/^birth/)).toBe("birth xa-9 clock=floor documents=0 journal=0");
    await station.next(({ topic }) => topic === "loa/v1/station/xa-9/time");
    await station.say("events", eventsOf("xa-9", station.journal.grow(1).events, [{ from: 2, to: 3 }]));
    expect(await terminal.printed(/^event/)).toContain('"title":"Bản tin sáng"');
    expect(await terminal.printed(/^gap/)).toBe("gap xa-9 2-3");

    const file = join(folder, "schedule.json");
    await writeFile(file, JSON.stringify({ level: "commune", programmes: [] }));
    terminal.type(`publish schedule commune/00004 ${file}`);
    await station.next(({ topic }) => topic === "loa/v1/commune/00004/schedule/commune");
    terminal.type("alert commune/00004 lu-1 10 Nước lũ đang lên");
    await station.next(({ topic }) => topic === "loa/v1/commune/00004/emergency/lu-1");
    terminal.type("cancel lu-1");
    await station.next(({ topic, document }) => topic.endsWith("/lu-1") && document === null);
    terminal.type(`announce station/xa-9 ${"a".repeat(64)} Mời họp`);
    terminal.type('command station/xa-9 {"name":"report"}');
    await station.next(({ topic }) => topic === "loa/v1/station/xa-9/command");
    terminal.type("stations");
    expect(await terminal.printed(/stored=/)).toBe("xa-9 online stored=3");
    terminal.type("findings xa-9");
    await terminal.printed(/^none$/);
    await station.crash();
    await terminal.printed(/^death xa-9/);
    terminal.type("quit");
    expect(await terminal.ended).toBe(0);
  });

  it("names mistakes and stays open", async () => {
    terminal = new Terminal("--folder", join(folder, "mistakes"), "--start-broker");
    const file = join(folder, "bad.json");
    await writeFile(file, JSON.stringify({ level: "hamlet", volume: 3 }));
    for (const line of [
      "sing",
      "publish song all x",
      `publish schedule all ${file}`,
      "cancel x",
      "alert hanoi a 1 x",
    ]) {
      terminal.type(line);
    }
    await terminal.printed(/hanoi/);
    expect(terminal.lines.filter((line) => line.startsWith("error "))).toEqual([
      expect.stringContaining("sing: one of publish"),
      expect.stringContaining("song is no kind"),
      expect.stringMatching(/level: .*body: .*volume/),
      expect.stringContaining("0 alerts x are active"),
      expect.stringContaining("hanoi is no address"),
    ]);
    terminal.child.stdin?.end();
    expect(await terminal.ended).toBe(0);
  });
});
