/**
 * GPIO without GPIO: a private mount namespace in which `/sys/class` is a folder in memory with the files of `/sys/class/gpio`, for the real
 * `onoff` package to work on. Run by the tests as `unshare -m node sysfs-bench.ts CASE`; says `ok` or why not. The files have no kernel
 * behind them: they show what was written, they do not act on it.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAmplifier } from "../../../drivers/amplifier/create.ts";
import type { GpioAmplifierConfig } from "../../../drivers/amplifier/gpio-amplifier.ts";
import { createContact } from "../../../drivers/input/create.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import { AMPLIFIER_CONTRACT, type Bench, type Trouble } from "./amplifier-contract.ts";

const ROOT = "/sys/class/gpio";
const BASE = 512;
const LINES = { power: 17, mute: 27, fault: 22, sense: 23 };
const CONFIG: GpioAmplifierConfig = {
  power: { chip: "pinctrl-test", offset: LINES.power, activeLow: true },
  mute: { chip: "pinctrl-test", offset: LINES.mute, activeLow: false },
  fault: { chip: "pinctrl-test", offset: LINES.fault, activeLow: true },
  sense: { chip: "pinctrl-test", offset: LINES.sense, activeLow: false },
};

const lineFile = (offset: number, name: string) => join(ROOT, `gpio${BASE + offset}`, name);
const put = (offset: number, name: string, text: string) => writeFile(lineFile(offset, name), text);
const shown = async (offset: number, name: string) => (await readFile(lineFile(offset, name), "utf8")).trim();

async function addChip(number: number, label: string): Promise<void> {
  const folder = join(ROOT, `gpiochip${number}`);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries({ label, base: `${number}`, ngpio: "54" }))
    await writeFile(join(folder, name), `${text}\n`);
}

async function addLine(offset: number): Promise<void> {
  await mkdir(join(ROOT, `gpio${BASE + offset}`), { recursive: true });
  for (const [name, text] of Object.entries({ direction: "in", value: "0", active_low: "0", edge: "none" })) {
    await put(offset, name, `${text}\n`);
  }
}

async function addBoard(): Promise<void> {
  // Another chip at 0: where something falls back to 0, it is this one that is hurt.
  await addChip(0, "other");
  await addChip(BASE, "pinctrl-test");
  for (const name of ["export", "unexport"]) await writeFile(join(ROOT, name), "");
  for (const offset of Object.values(LINES)) await addLine(offset);
}

const bench: Bench = {
  amplifier: () => createAmplifier({ kind: "gpio", ...CONFIG }),
  async truth() {
    return { power: (await shown(LINES.power, "value")) === "1", muted: (await shown(LINES.mute, "value")) === "1" };
  },
  async cause(trouble: Trouble) {
    if (trouble === "absent") await rm(join(ROOT, `gpiochip${BASE}`), { recursive: true });
    if (trouble === "well") await addBoard();
    if (trouble === "energised") {
      await put(LINES.power, "direction", "out");
      await put(LINES.power, "value", "1");
      await put(LINES.mute, "value", "0");
    }
    if (trouble === "stuck") {
      // Takes every write and reads as nothing, which is a 0.
      await rm(lineFile(LINES.power, "value"));
      await symlink("/dev/null", lineFile(LINES.power, "value"));
    }
    if (trouble === "unplugged")
      for (const offset of Object.values(LINES)) await rm(join(ROOT, `gpio${BASE + offset}`), { recursive: true });
  },
};

async function fails(work: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof StationError && error.code === code && message.test(error.message), String(error));
    return true;
  });
}

const OWN_CASES: Record<string, () => Promise<void>> = {
  "a contact is closed while its line is active, and says when the line is no longer its own": async () => {
    const wired = createContact("khoá", {
      kind: "gpio",
      line: { chip: "pinctrl-test", offset: LINES.fault, activeLow: true },
    });
    await fails(wired.read(), "contact-unreachable", /is not open/);
    await wired.open();
    await put(LINES.fault, "value", "1");
    assert.equal(await wired.read(), true);
    await put(LINES.fault, "value", "0");
    assert.equal(await wired.read(), false);
    await put(LINES.fault, "direction", "out");
    await fails(wired.read(), "contact-unreachable", /khoá.*direction/);
    await wired.close();
    await fails(wired.read(), "contact-unreachable", /is not open/);
  },
  "a contact on a chip that is not there is refused by name": async () => {
    const wired = createContact("khoá", { kind: "gpio", line: { chip: "nowhere", offset: 1, activeLow: false } });
    await fails(wired.open(), "gpio-unavailable", /nowhere/);
  },
  async "asks for the physical level that is safe"() {
    const amplifier = bench.amplifier();
    await amplifier.open();
    // Power is active-low, so off is high; mute is active-high, so muted is high.
    assert.deepEqual([await shown(LINES.power, "direction"), await shown(LINES.mute, "direction")], ["high", "high"]);
    assert.deepEqual([await shown(LINES.power, "active_low"), await shown(LINES.mute, "active_low")], ["1", "0"]);
    const safeFor = createAmplifier({ kind: "gpio", power: { ...CONFIG.power, activeLow: false } });
    await safeFor.open();
    assert.equal(await shown(LINES.power, "direction"), "low");
    assert.deepEqual(await safeFor.read(), {
      commanded: { power: false, muted: true },
      driven: { power: false, muted: true },
      sensed: null,
      fault: null,
    });
  },
  async "reads the sense and the fault line"() {
    const amplifier = bench.amplifier();
    await amplifier.open();
    await put(LINES.sense, "value", "1");
    await put(LINES.fault, "value", "1");
    const { sensed, fault } = await amplifier.read();
    assert.deepEqual([sensed, fault], [true, true]);
    assert.equal(await shown(LINES.fault, "active_low"), "1");
  },
  async "refuses a label that no chip has, and touches no line"() {
    await writeFile(join(ROOT, `gpiochip${BASE}`, "label"), "renamed\n");
    await fails(bench.amplifier().open(), "gpio-unavailable", /labelled "pinctrl-test"; there is: other, renamed/);
    assert.equal(await readFile(join(ROOT, "export"), "utf8"), "");
    assert.equal(await shown(LINES.power, "direction"), "in");
  },
  async "refuses a label that two chips have, a line beyond the chip and a base that is no number"() {
    const open = (power: GpioAmplifierConfig["power"]) => createAmplifier({ kind: "gpio", power }).open();
    await fails(open({ ...CONFIG.power, offset: 54 }), "gpio-unavailable", /lines 0 to 53, not 54/);
    await addChip(600, "pinctrl-test");
    await fails(open(CONFIG.power), "gpio-unavailable", /several GPIO chips/);
    await writeFile(join(ROOT, "gpiochip600", "base"), "\n");
    await fails(open(CONFIG.power), "gpio-unavailable", /gives "" where a number belongs/);
  },
  async "exports by the chip's base plus the offset, and says so where the kernel does not give the line"() {
    await rm(join(ROOT, `gpio${BASE + LINES.power}`), { recursive: true });
    await fails(
      createAmplifier({ kind: "gpio", power: CONFIG.power }).open(),
      "gpio-unavailable",
      /GPIO 529 cannot be taken/,
    );
    assert.equal(await readFile(join(ROOT, "export"), "utf8"), "529");
  },
  async "a kernel that answers EINVAL to the export is told with the number that was asked for"() {
    // A file of the kernel's that takes numbers up to 1,000 only: the base has moved beyond what the kernel knows.
    await addChip(1_200, "pinctrl-moved");
    execFileSync("mount", ["--bind", `/proc/${process.pid}/oom_score_adj`, join(ROOT, "export")]);
    const power = { chip: "pinctrl-moved", offset: 17, activeLow: false };
    const amplifier = createAmplifier({ kind: "gpio", by: "sysfs", power });
    await fails(amplifier.open(), "gpio-unavailable", /GPIO 1217 cannot be taken: EINVAL/);
    assert.equal(await amplifier.makeSafe(), false);
  },
  async "disobeys where the kernel does not take the direction, though onoff says nothing"() {
    const direction = lineFile(LINES.power, "direction");
    execFileSync("mount", ["--bind", direction, direction]);
    execFileSync("mount", ["-o", "remount,bind,ro", direction]);
    await fails(bench.amplifier().open(), "amplifier-disobeys", /GPIO 529 has direction "in", not "out"/);
    assert.equal(await shown(LINES.power, "value"), "0");
  },
  async "disobeys where the kernel does not take active_low, though onoff says nothing"() {
    const file = lineFile(LINES.power, "active_low");
    execFileSync("mount", ["--bind", file, file]);
    execFileSync("mount", ["-o", "remount,bind,ro", file]);
    await fails(bench.amplifier().open(), "amplifier-disobeys", /GPIO 529 does not take active_low=true/);
  },
  async "a contact whose edges cannot be watched (EPERM) is read all the same, and says that it tells none"() {
    const line = { chip: "pinctrl-test", offset: LINES.fault, activeLow: false };
    const contact = createContact("khoá", { kind: "gpio", line });
    await contact.open();
    assert.equal(await shown(LINES.fault, "edge"), "both");
    assert.equal(await contact.moved?.(), null);
    await put(LINES.fault, "value", "1");
    assert.equal(await contact.read(), true);
    await contact.close();
    await contact.open();
    assert.equal(await contact.read(), true);
    await contact.close();
  },
  async "cuts the power whenever it is opened or made safe, though the mute line does not obey, and keeps no descriptor"() {
    await bench.cause("energised");
    // Takes every write and reads as nothing, which is not muted.
    await rm(lineFile(LINES.mute, "value"));
    await symlink("/dev/null", lineFile(LINES.mute, "value"));
    const amplifier = bench.amplifier();
    const mute = BASE + LINES.mute;
    const open = () => fails(amplifier.open(), "amplifier-disobeys", new RegExp(`GPIO ${mute} was set to 1`));
    await open();
    assert.equal(await shown(LINES.power, "value"), "0");
    const held = (await readdir("/proc/self/fd")).length;
    for (let round = 0; round < 5; round++) await open();
    assert.equal((await readdir("/proc/self/fd")).length, held);
    await put(LINES.power, "value", "1");
    assert.equal(await amplifier.makeSafe(), false);
    assert.equal(await shown(LINES.power, "value"), "0");
  },
  async "cuts the power that it was asked to cut, though the mute line was taken away"() {
    const amplifier = bench.amplifier();
    await amplifier.open();
    await amplifier.drive({ power: true, muted: false });
    await put(LINES.mute, "direction", "in");
    await fails(amplifier.drive({ power: false, muted: true }), "amplifier-disobeys", /GPIO 539 has direction "in"/);
    assert.equal(await shown(LINES.power, "value"), "0");
  },
  async "disobeys where another program made the line an input"() {
    const amplifier = bench.amplifier();
    await amplifier.open();
    await put(LINES.power, "direction", "in");
    await fails(amplifier.drive({ power: true, muted: true }), "amplifier-disobeys", /direction "in"/);
    assert.equal(await amplifier.makeSafe(), false);
  },
  async "keeps the line exported when it closes"() {
    const amplifier = bench.amplifier();
    await amplifier.open();
    await amplifier.close();
    assert.equal(await readFile(join(ROOT, "unexport"), "utf8"), "");
  },
};

const wanted = process.argv[2];
if (wanted === "--list") {
  process.stdout.write(JSON.stringify(Object.keys(OWN_CASES)));
} else {
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", "/sys/class"]);
  await addBoard();
  const run = OWN_CASES[wanted ?? ""] ?? (() => AMPLIFIER_CONTRACT.find(({ name }) => name === wanted)?.run(bench));
  const promise = run();
  if (promise === undefined) throw new Error(`no case "${wanted}"`);
  await promise;
  process.stdout.write("ok");
}
