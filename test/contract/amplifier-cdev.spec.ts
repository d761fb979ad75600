/**
 * The amplifier by the character device, over a kernel that is played (`FakeGpioKernel`); what it is sent is checked against the kernel's header
 * in `gpio-uapi.spec.ts`. No real chip is tried here.
 */
import { describe, expect, it } from "vitest";
import { GpioAmplifier, type GpioAmplifierConfig } from "../../drivers/amplifier/gpio-amplifier.ts";
import { GpioContact } from "../../drivers/input/gpio-contact.ts";
import { type Bench, contractFor, type Trouble } from "../support/drivers/amplifier-contract.ts";
import { FakeChip, FakeGpioKernel } from "../support/drivers/fake-gpio-kernel.ts";

const LINES = { power: 17, mute: 27, fault: 22, sense: 23 };
const line = (offset: number, activeLow = false) => ({ chip: "pinctrl-test", offset, activeLow });
const CONFIG: GpioAmplifierConfig = {
  by: "cdev",
  power: line(LINES.power, true),
  mute: line(LINES.mute),
  fault: { ...line(LINES.fault, true), bias: "pull-up" },
  sense: line(LINES.sense),
};

class CdevBench implements Bench {
  readonly kernel = new FakeGpioKernel();
  readonly chip = new FakeChip("pinctrl-test", 54);

  constructor() {
    this.kernel.present.set("/dev/gpiochip0", new FakeChip("other", 8));
    this.kernel.present.set("/dev/gpiochip4", this.chip);
  }

  amplifier = (change: Partial<GpioAmplifierConfig> = {}) =>
    new GpioAmplifier("loa-1", { ...CONFIG, ...change }, this.kernel);

  async truth() {
    const [power, mute] = [this.chip.lines[LINES.power], this.chip.lines[LINES.mute]];
    return { power: power?.level === false, muted: mute?.level === true };
  }

  async cause(trouble: Trouble) {
    if (trouble === "absent" || trouble === "unplugged") this.kernel.present.delete("/dev/gpiochip4");
    if (trouble === "well") this.kernel.present.set("/dev/gpiochip4", this.chip);
    if (trouble === "energised") this.chip.lines[LINES.power] = { ...this.#line(LINES.power), level: false };
    if (trouble === "stuck") this.chip.lines[LINES.power] = { ...this.#line(LINES.power), level: true, stuck: true };
  }

  #line(offset: number) {
    return this.chip.lines[offset] as FakeChip["lines"][number];
  }
}

describe("the GPIO amplifier by the character device", () => {
  const cases = contractFor(["absent", "energised", "stuck", "unplugged"]);
  it.each(cases)("$name", async ({ run }) => {
    const bench = new CdevBench();
    await run(bench);
  });

  it("takes both outputs in one request, safe from the first moment, under a name that others see", async () => {
    const { kernel, chip, amplifier } = new CdevBench();
    await amplifier().open();
    // Power is active-low, so off is high.
    expect(kernel.moves[0]).toEqual([
      [LINES.mute, true],
      [LINES.power, true],
    ]);
    expect(chip.lines[LINES.power]).toMatchObject({ holder: "loa loa-1", direction: "out", activeLow: true });
    expect(chip.lines[LINES.fault]).toMatchObject({ holder: "loa loa-1", direction: "in", bias: 0x100n });
  });

  it("moves power and mute in one request", async () => {
    const { kernel, amplifier } = new CdevBench();
    const driver = amplifier();
    await driver.open();
    kernel.moves.length = 0;
    await driver.drive({ power: true, muted: false });
    expect(kernel.moves).toEqual([
      [
        [LINES.mute, false],
        [LINES.power, false],
      ],
    ]);
  });

  it("moves lines of two chips chip after chip, mute first on the way down and last on the way up", async () => {
    const { kernel, amplifier } = new CdevBench();
    const driver = amplifier({ mute: { chip: "other", offset: 3, activeLow: false } });
    await driver.open();
    kernel.moves.length = 0;
    await driver.drive({ power: true, muted: false });
    await driver.drive({ power: true, muted: true });
    expect(kernel.moves.map(([first]) => first?.[0])).toEqual([LINES.power, 3, 3, LINES.power]);
  });

  it("makes safe mute before power", async () => {
    const { kernel, amplifier } = new CdevBench();
    const driver = amplifier();
    await driver.open();
    await driver.drive({ power: true, muted: false });
    kernel.moves.length = 0;
    expect(await driver.makeSafe()).toBe(true);
    expect(kernel.moves).toEqual([[[LINES.mute, true]], [[LINES.power, true]]]);
  });

  it("reads the sense and the fault line", async () => {
    const { kernel, chip, amplifier } = new CdevBench();
    const driver = amplifier();
    await driver.open();
    kernel.put(chip, LINES.fault, true);
    expect(await driver.read()).toMatchObject({ sensed: false, fault: false });
    kernel.put(chip, LINES.fault, false);
    kernel.put(chip, LINES.sense, true);
    expect(await driver.read()).toMatchObject({ sensed: true, fault: true });
  });

  it("names who holds a line, and keeps none of the others", async () => {
    const { kernel, chip, amplifier } = new CdevBench();
    (chip.lines[LINES.sense] as FakeChip["lines"][number]).holder = "w1";
    await expect(amplifier().open()).rejects.toMatchObject({
      code: "gpio-unavailable",
      message: 'GPIO pinctrl-test 22+23 cannot be taken: EBUSY, line 23 is held by "w1"',
    });
    expect([kernel.descriptors, chip.lines[LINES.power]?.holder]).toEqual([0, null]);
  });

  it("refuses a label that no chip has or two have, and a line beyond the chip", async () => {
    const { kernel, amplifier } = new CdevBench();
    const open = (chip: string, offset = 1) => amplifier({ power: { chip, offset, activeLow: false } }).open();
    await expect(open("nowhere")).rejects.toThrow(
      'no GPIO chip in /dev is labelled "nowhere"; there is: other, pinctrl',
    );
    await expect(open("other", 8)).rejects.toThrow('"other" has lines 0 to 7, not 8');
    kernel.present.set("/dev/gpiochip9", new FakeChip("other", 8));
    await expect(open("other")).rejects.toThrow("several GPIO chips in /dev");
    expect(kernel.descriptors).toBe(0);
  });

  it("cuts the power though the chip of the mute line is gone, and then holds no line", async () => {
    const bench = new CdevBench();
    const { kernel, chip } = bench;
    const driver = bench.amplifier({ mute: { chip: "other", offset: 3, activeLow: false } });
    await driver.open();
    await driver.drive({ power: true, muted: false });
    kernel.present.delete("/dev/gpiochip0");
    await expect(driver.drive({ power: false, muted: true })).rejects.toThrow("GPIO other 3: ENODEV");
    expect((await bench.truth()).power).toBe(false);
    await bench.cause("energised");
    await expect(driver.open()).rejects.toThrow('no GPIO chip in /dev is labelled "other"');
    expect([(await bench.truth()).power, chip.lines[LINES.power]?.holder, kernel.descriptors]).toEqual([
      false,
      null,
      0,
    ]);
    await bench.cause("energised");
    expect(await driver.makeSafe()).toBe(false);
    expect([(await bench.truth()).power, kernel.descriptors]).toEqual([false, 0]);
  });

  it("lets go of every descriptor when it closes, and opens again", async () => {
    const { kernel, amplifier } = new CdevBench();
    const driver = amplifier();
    for (let round = 0; round < 3; round++) {
      await driver.open();
      await driver.open();
      expect(kernel.descriptors).toBe(2);
      await driver.close();
      expect(kernel.descriptors).toBe(0);
    }
  });
});

describe("which way the lines go", () => {
  it("auto takes the character device where sysfs does not show the chip", async () => {
    const { chip, amplifier } = new CdevBench();
    await amplifier({ by: "auto", sysfsRoot: "/nonexistent" }).open();
    expect(chip.lines[LINES.power]?.holder).toBe("loa loa-1");
  });

  it("sysfs refuses a bias, which it cannot set", async () => {
    const { amplifier } = new CdevBench();
    const power = { ...line(1), bias: "pull-down" } as const;
    await expect(amplifier({ by: "sysfs", power }).open()).rejects.toThrow("sysfs cannot set the bias");
  });
});

describe("a contact by the character device", () => {
  const config = { by: "cdev", line: { ...line(5, true), bias: "pull-up" } } as const;

  it("is closed while its line is active, and tells what happened between two readings", async () => {
    const { kernel, chip } = new CdevBench();
    kernel.put(chip, 5, true);
    const contact = new GpioContact("key", config, kernel);
    await contact.open();
    expect([await contact.read(), await contact.moved()]).toEqual([false, false]);
    kernel.put(chip, 5, false);
    kernel.put(chip, 5, true);
    expect([await contact.read(), await contact.moved(), await contact.moved()]).toEqual([false, true, false]);
    kernel.put(chip, 5, false);
    expect([await contact.read(), await contact.moved()]).toEqual([true, true]);
    await contact.close();
    await expect(contact.read()).rejects.toMatchObject({ code: "contact-unreachable" });
    expect(kernel.descriptors).toBe(0);
  });

  it("is only read where the chip has no interrupts", async () => {
    const { kernel, chip } = new CdevBench();
    chip.deaf = true;
    const contact = new GpioContact("key", config, kernel);
    await contact.open();
    expect([await contact.read(), await contact.moved()]).toEqual([true, null]);
  });

  it("is unreachable when its chip is pulled, and back with it", async () => {
    const bench = new CdevBench();
    const contact = new GpioContact("key", config, bench.kernel);
    await contact.open();
    await bench.cause("unplugged");
    await expect(contact.read()).rejects.toMatchObject({ code: "contact-unreachable", message: /ENODEV/ });
    await bench.cause("well");
    await contact.open();
    expect(await contact.read()).toBe(true);
  });
});
