/** Set-up's questions about contacts, and the hand that moves them, in time that the test moves. */
import { describe, expect, it } from "vitest";
import { Words } from "../../../agent/cli/words.ts";
import { answers } from "../../../agent/setup/answers.ts";
import { tryContact } from "../../../agent/setup/contact-trial.ts";
import type { Session } from "../../../agent/setup/session.ts";
import { askContacts } from "../../../agent/setup/steps/contact-questions.ts";

/** A contact that is what the time says; every 100 ms is a reading. */
async function trial(closedAt: (ms: number) => boolean, ready = true) {
  let now = 0;
  const told: string[] = [];
  const contact = {
    name: "khoa",
    open: () => Promise.resolve(),
    read: () => Promise.resolve(closedAt(now)),
    close: () => Promise.resolve(),
  };
  const result = await tryContact(contact, {
    ...{ steadyMs: 300, everyMs: 100, withinMs: 30_000 },
    ready: (closed) => {
      told.push(`ready ${closed}`);
      return Promise.resolve(ready);
    },
    moved: (closed) => told.push(`moved ${closed}`),
    pause: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    monotonic: () => now,
  });
  return { ...result, told, seconds: Math.round(now / 1_000) };
}

describe("a contact that set-up tries", () => {
  it("is well when it moves to the other side and back", async () => {
    const key = await trial((ms) => ms > 5_000 && ms < 9_000);
    expect(key).toEqual({
      ...{ verdict: "well", seen: [false, true, false], told: ["ready false", "moved true"], seconds: 9 },
    });
    const door = await trial((ms) => ms < 5_000 || ms > 9_000);
    expect([door.verdict, door.seen]).toEqual(["well", [true, false, true]]);
  });

  it("is stuck when it does not move within 30 s, or not back", async () => {
    expect(await trial(() => true)).toMatchObject({
      verdict: "stuck",
      seen: [true],
      told: ["ready true"],
      seconds: 30,
    });
    expect(await trial((ms) => ms > 5_000)).toMatchObject({ verdict: "stuck", seen: [false, true] });
  });

  it("does not count a flicker shorter than 300 ms, and is restless where it does nothing else", async () => {
    expect((await trial((ms) => ms > 5_000 && ms <= 5_200)).verdict).toBe("stuck");
    expect(await trial((ms) => Math.floor(ms / 200) % 2 === 0)).toMatchObject({
      verdict: "restless",
      seen: [],
      told: [],
    });
  });

  it("is untested where whoever sits there leaves it out, and then nobody waits", async () => {
    expect(await trial(() => false, false)).toMatchObject({ verdict: "untested", seen: [false], seconds: 0 });
  });
});

describe("the questions about contacts", () => {
  /** Answers in their order: a text, a number of a choice (0: none), or yes and no. */
  async function asked(hardware: object, script: (string | number | boolean)[]) {
    const said: string[] = [];
    const next = () => script.shift();
    const ui = {
      someone: true,
      gone: () => false,
      say: (text: string) => said.push(text),
      ask: (_: string, suggestion = "") => Promise.resolve(String(next() || suggestion)),
      confirm: () => Promise.resolve(next() === true),
      choose: () => Promise.resolve(Number(next()) - 1).then((at) => (at < 0 ? null : at)),
    };
    const found = { chips: [{ label: "pinctrl", lines: 54 }] };
    const session = { ui, words: new Words("en"), found, answers: answers.parse({ hardware }) } as unknown as Session;
    const told = await askContacts(session);
    expect(script).toEqual([]);
    return { contacts: told.contacts, battery: told.battery, said };
  }
  const [STOP, ISOLATOR, MAINS] = [2, 6, 7];

  it("take a line with its level and resistor, under a name that is free", async () => {
    const { contacts } = await asked({}, [STOP, "", 1, "24 low", STOP, "", 1, "25 low up", 0]);
    expect(contacts).toEqual([
      {
        name: "emergency-stop",
        does: "emergency-stop",
        kind: "gpio",
        line: { chip: "pinctrl", offset: 24, activeLow: true },
      },
      {
        ...{ name: "emergency-stop-2", does: "emergency-stop", kind: "gpio" },
        line: { chip: "pinctrl", offset: 25, activeLow: true, bias: "pull-up" },
      },
    ]);
  });

  it("suggest the Modbus board of the amplifier, ask which output an isolator cuts off, and the battery for the mains", async () => {
    const link = { kind: "serial", device: "/dev/ttyUSB0", baud: 19_200 };
    const hardware = {
      amplifier: { kind: "modbus", link, unit: 3, power: 0 },
      furtherOutputs: [{ name: "zone-b" }],
    };
    const script = [ISOLATOR, "cau-dao", 2, "", "", "4 low", 2, MAINS, "dien-luoi", 2, "", "", "5", "144 6 60", 0];
    const { contacts, battery } = await asked(hardware, script);
    expect(contacts).toEqual([
      { name: "cau-dao", does: "isolator", kind: "modbus", link, unit: 3, input: 4, activeLow: true, output: "zone-b" },
      { name: "dien-luoi", does: "mains", kind: "modbus", link, unit: 3, input: 5, activeLow: false },
    ]);
    expect(battery).toEqual({ capacityWh: 144, idleW: 6, playingW: 60 });
  });

  it("say what is wrong and add nothing, and forget what was known where that is not kept", async () => {
    const known = { contacts: [{ name: "cu", does: "door", kind: "simulated", file: "/x" }] };
    const script = [false, STOP, "tên sai", 1, "24", MAINS, "", 1, "5", "đầy", STOP, "", 1, "chân", STOP, "", 0, 0];
    const { contacts, said } = await asked(known, script);
    expect(contacts).toEqual([]);
    expect(said).toEqual([
      expect.stringContaining("contacts.0.name: "),
      expect.stringContaining("battery.capacityWh: "),
      expect.stringContaining("battery.idleW: "),
      expect.stringContaining("battery.playingW: "),
      "  ✗ no line or input: nothing added",
      "  ✗ no line or input: nothing added",
    ]);
    expect((await asked(known, [true, 0])).contacts).toEqual(known.contacts);
  });
});
