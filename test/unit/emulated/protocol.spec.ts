/** What the emulated board's campaign judges by, without the board. */
import { describe, expect, it } from "vitest";
import { movesOf, readings } from "../../emulated/gpio-log.ts";
import { Protocol } from "../../emulated/protocol.ts";

const READING = (power: string, mute: string) => `gpiochip0: GPIOs 504-511, parent: amba/9030000.pl061, 9030000.pl061:
 gpio-504 (                    |loa amplifier       ) ${power}
 gpio-505 (                    |sysfs               ) ${mute}
 gpio-507 (                    |GPIO Key Poweroff   ) in  lo IRQ ACTIVE LOW
`;

describe("the kernel's view of GPIO lines", () => {
  const log = readings(
    [
      `at 1000\n${READING("out lo ", "out hi ")}`,
      "at 1100\ngpiochip0: GPIOs 504-511:\n",
      `at 1200\n${READING("out hi ", "out hi ")}`,
      `at 1300\n${READING("out hi ", "out lo ")}`,
      "at 1400\ngpiochip0: GPIOs 504-5",
    ].join(""),
  );

  it("is read line by line, by offset and holder; a reading that was cut off is left out", () => {
    expect(log.map(({ at }) => at)).toEqual([1_000, 1_100, 1_200, 1_300]);
    expect(log[0]?.lines.get(0)).toEqual({ consumer: "loa amplifier", output: true, high: false });
    expect(log[0]?.lines.get(3)).toEqual({ consumer: "GPIO Key Poweroff", output: false, high: false });
    expect(log[1]?.lines.size).toBe(0);
  });

  it("gives the moves of outputs, and none of inputs or of lines that nobody holds", () => {
    expect(movesOf(log, 0)).toEqual([
      { at: 1_000, high: false },
      { at: 1_200, high: true },
    ]);
    expect(movesOf(log, 1)).toEqual([
      { at: 1_000, high: true },
      { at: 1_300, high: false },
    ]);
    expect(movesOf(log, 3)).toEqual([]);
    expect(movesOf(log, 6)).toEqual([]);
  });
});

describe("a campaign's protocol", () => {
  it("counts what was checked and says when; one that checked nothing is not good", () => {
    const lines: string[] = [];
    let now = 5_000;
    const protocol = new Protocol(
      (line) => lines.push(line),
      () => now,
    );
    expect(protocol.good).toBe(false);
    now += 1_250;
    protocol.check("it boots", true, { s: 25 });
    expect(protocol.good).toBe(true);
    protocol.check("it plays", false);
    protocol.broke("cuts", new Error("no answer"));
    expect(lines).toEqual([
      '    +1.3 s  ok      it boots: {"s":25}',
      "    +1.3 s  FAILED  it plays",
      "    +1.3 s  FAILED  cuts goes through: no answer",
    ]);
    expect([protocol.good, protocol.summary()]).toEqual([false, "1 passed, 2 failed"]);
  });
});
