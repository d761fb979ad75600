/** Set-up's questions about what is wired, on a board that is a station already: what is not asked about stays, what is taken away goes. */
import { describe, expect, it } from "vitest";
import { Words } from "../../../agent/cli/words.ts";
import { answers } from "../../../agent/setup/answers.ts";
import type { Session } from "../../../agent/setup/session.ts";
import { hardware } from "../../../agent/setup/steps/hardware.ts";
import { stationYaml } from "../../../agent/setup/steps/write.ts";

const CHIPS = [
  { label: "pinctrl", lines: 54 },
  { label: "expander", lines: 16 },
];

interface Asked {
  /** What is typed at each line; Enter where it is left out. */
  readonly typed?: Readonly<Record<string, string>>;
  /** By question; what is suggested where it is left out. 0 is none. */
  readonly chosen?: Readonly<Record<string, number>>;
}

/** The section `hardware` that is written after somebody went through the questions, and what was suggested. */
async function asked(before: object, { typed = {}, chosen = {} }: Asked = {}) {
  const suggested: Record<string, string> = {};
  const ui = {
    someone: true,
    ask: (question: string, suggestion = "") => {
      const name = /^Line (\w+)/.exec(question)?.[1] ?? question;
      suggested[name] = suggestion;
      return Promise.resolve(typed[name] ?? suggestion);
    },
    choose: (question: string, choices: readonly string[], suggestion: number) => {
      const at = chosen[question] ?? Math.min(suggestion, choices.length);
      return Promise.resolve(at === 0 ? null : at - 1);
    },
  };
  const microphone = { id: "Mic", name: "USB", plays: false, captures: true };
  const found = { chips: CHIPS, cards: [microphone], connectors: [], devices: [], modems: [], rtc: true };
  const told = answers.parse({ hardware: before });
  const session = { ui, words: new Words("en"), found, answers: told } as unknown as Session;
  await hardware.run(session);
  const file = stationYaml(session.answers, null, { station: "xa-1", hardware: before });
  return { written: file.hardware as Record<string, unknown>, suggested };
}

const line = (chip: string, offset: number, more: object = {}) => ({ chip, offset, activeLow: false, ...more });

describe("the questions about hardware, answered with Enter", () => {
  it.each([
    ["an amplifier on a Modbus board", { kind: "modbus", link: { kind: "tcp", host: "10.0.0.7" }, power: 0, mute: 1 }],
    ["a simulated one", { kind: "simulated", socket: "board.sock" }],
    ["none", { kind: "none" }],
    [
      "one on lines, with its way, its resistors and a line on another chip",
      {
        ...{ kind: "gpio", by: "cdev", sysfsRoot: "/sys/class/gpio" },
        power: line("expander", 3, { activeLow: true }),
        mute: line("expander", 4),
        sense: line("pinctrl", 22, { bias: "pull-down" }),
        fault: line("pinctrl", 23, { activeLow: true, bias: "pull-up" }),
      },
    ],
  ])("leave %s as it is", async (_, amplifier) => {
    expect((await asked({ amplifier })).written).toEqual({ amplifier });
  });

  it("show which chip a line stands on where it is another than the power line's", async () => {
    const amplifier = { kind: "gpio", power: line("expander", 3), sense: line("pinctrl", 22, { activeLow: true }) };
    const { suggested } = await asked({ amplifier });
    expect(suggested).toEqual({ power: "3", mute: "", sense: "pinctrl:22 low", fault: "" });
  });
});

describe("the questions about hardware", () => {
  const amplifier = {
    ...{ kind: "gpio", by: "cdev", power: line("pinctrl", 17), mute: line("pinctrl", 27, { bias: "disabled" }) },
    sense: line("expander", 2),
  };

  it("move the lines of a chip with it, and no other", async () => {
    const { written } = await asked({ amplifier }, { chosen: { "GPIO chip of the amplifier": 2 } });
    expect(written.amplifier).toEqual({
      ...{ kind: "gpio", by: "cdev", power: line("expander", 17), mute: line("expander", 27, { bias: "disabled" }) },
      sense: line("expander", 2),
    });
  });

  it("take another line, on another chip too, and take one away", async () => {
    const typed = { power: "18 low", mute: "expander:5", sense: "-" };
    const { written } = await asked({ amplifier }, { typed });
    expect(written.amplifier).toEqual({
      ...{ kind: "gpio", by: "cdev", power: line("pinctrl", 18, { activeLow: true }) },
      mute: line("expander", 5, { bias: "disabled" }),
    });
  });

  it("take a microphone away, and leave what they do not ask about", async () => {
    const lineInputs = { thu: { device: "plughw:CARD=Line" } };
    const before = { ear: { kind: "alsa", device: "plughw:CARD=Mic,DEV=0" }, lineInputs };
    const ear = "Microphone that hears the horns";
    expect((await asked(before, { chosen: { [ear]: 1 } })).written).toEqual({ ...before, amplifier: { kind: "none" } });
    expect((await asked(before, { chosen: { [ear]: 0 } })).written).toEqual({
      lineInputs,
      amplifier: { kind: "none" },
    });
  });
});
