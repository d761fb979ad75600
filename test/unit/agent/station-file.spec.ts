import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseStationFile } from "../../../agent/config/station-file.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../../deploy/examples");

describe("station.yaml", () => {
  it("of the example is correct, with paths as written", async () => {
    const file = parseStationFile(await readFile(join(EXAMPLES, "station.yaml"), "utf8"), EXAMPLES);
    expect(file).toMatchObject({
      station: "xa-00004-cum-01",
      state: "/var/lib/loa",
      hardware: { amplifier: { kind: "gpio" } },
    });
  });

  it("reports every mistake at once, by path", () => {
    const text =
      'station: "xa 1"\ncommune: 4\nprovince: "01"\nroot: root.json\nvolumne: 3\nhardware:\n  amplifier: { kind: magic }\n';
    const mistakes = parseStationFile(text, "/etc/loa");
    if (!("length" in mistakes)) throw new Error("accepted");
    expect(mistakes.map(({ path }) => path).sort()).toEqual([
      "(root)",
      "commune",
      "hardware.amplifier.kind",
      "station",
    ]);
    expect(mistakes.find(({ path }) => path === "(root)")?.message).toContain("volumne");
  });

  it("says the line where it is no YAML, and refuses a key that stands twice", () => {
    const [first] = parseStationFile("station: a\nstation: b\n", "/") as { path: string; message: string }[];
    expect(first).toMatchObject({ path: "line 2", message: expect.stringContaining("unique") });
  });

  it("refuses a time zone that does not exist and takes relative paths from its own folder", () => {
    const head = 'station: a\ncommune: "00004"\nprovince: "01"\nroot: keys/root.json\n';
    expect(parseStationFile(head, "/etc/loa")).toMatchObject({
      root: "/etc/loa/keys/root.json",
      zone: "Asia/Ho_Chi_Minh",
    });
    expect(parseStationFile(`${head}zone: Asia/Atlantis\n`, "/")).toMatchObject([{ path: "zone" }]);
  });

  const HEAD = 'station: a\ncommune: "00004"\nprovince: "01"\nroot: root.json\nhardware:\n';
  const amplifier = (words: string) => parseStationFile(`${HEAD}  amplifier: ${words}\n`, "/etc/loa");
  const mistakesOf = (words: string) => {
    const mistakes = amplifier(words);
    return "length" in mistakes ? mistakes.map(({ path, message }) => `${path}: ${message}`) : [];
  };
  const SERIAL = "{ kind: serial, device: /dev/ttyUSB0, baud: 9600 }";
  const TCP = "{ kind: tcp, host: 192.168.1.200 }";

  it("takes GPIO lines by the way that the board has, unless it is told", () => {
    const line = "{ chip: pinctrl-rp1, offset: 17 }";
    expect(amplifier(`{ kind: gpio, power: ${line} }`)).toMatchObject({ hardware: { amplifier: { by: "auto" } } });
    const told = `{ kind: gpio, by: cdev, power: ${line}, fault: { chip: pinctrl-rp1, offset: 22, bias: pull-up } }`;
    expect(amplifier(told)).toMatchObject({ hardware: { amplifier: { by: "cdev", fault: { bias: "pull-up" } } } });
    expect(mistakesOf(told.replace("cdev", "sysfs"))).toEqual([
      "hardware.amplifier.fault.bias: sysfs cannot set a resistor: leave it out, or say `by: cdev`",
    ]);
  });

  it("takes relays of a Modbus board, on a serial line or on TCP", () => {
    const wired = "power: 0, mute: 1, sense: { input: 0 }, deadManMs: 30000";
    for (const link of [SERIAL, TCP]) {
      expect(amplifier(`{ kind: modbus, link: ${link}, ${wired} }`)).toMatchObject({
        hardware: {
          amplifier: {
            kind: "modbus",
            unit: 1,
            replyMs: 300,
            deadManMs: 30_000,
            sense: { input: 0, activeLow: false },
          },
        },
      });
    }
  });

  it.each([
    [`{ kind: modbus, link: ${TCP}, power: 3, mute: 3 }`, "mute: this relay is the power relay already"],
    [
      `{ kind: modbus, link: ${SERIAL}, framing: tcp, power: 3 }`,
      "framing: a serial line is always `rtu`: leave it out",
    ],
    [
      `{ kind: modbus, link: ${TCP}, power: 3, deadManMs: 30050 }`,
      "deadManMs: the board counts in tenths of a second: a multiple of 100",
    ],
  ])("says what is wrong with %s", (words, mistake) => {
    expect(mistakesOf(words)).toEqual([`hardware.amplifier.${mistake}`]);
  });

  const contactMistakes = (...contacts: string[]) => {
    const text = `${HEAD}  furtherOutputs: [{ name: yard }]\n  contacts:\n${contacts.map((one) => `    - ${one}\n`).join("")}`;
    const mistakes = parseStationFile(text, "/etc/loa");
    return "length" in mistakes
      ? mistakes.map(({ path, message }) => `${path}: ${message}`)
      : mistakes.hardware.contacts;
  };

  it("takes contacts of the board, of a Modbus board and of a file", () => {
    expect(
      contactMistakes(
        "{ name: door, does: door, kind: gpio, line: { chip: pinctrl-rp1, offset: 5 } }",
        `{ name: cut, does: isolator, output: yard, kind: modbus, link: ${SERIAL}, unit: 2, input: 3, activeLow: true }`,
        "{ name: key, does: emergency-stop, kind: simulated, file: key }",
      ),
    ).toMatchObject([
      { kind: "gpio", steadyMs: 300 },
      { kind: "modbus", unit: 2, input: 3, activeLow: true, readEveryMs: 250, replyMs: 300, output: "yard" },
      { kind: "simulated", file: "/etc/loa/key" },
    ]);
  });

  it("says what is wrong with a contact", () => {
    const simulated = "kind: simulated, file: f";
    expect(
      contactMistakes(
        `{ name: cut, does: isolator, kind: modbus, link: ${SERIAL}, framing: tcp, input: 3 }`,
        `{ name: door, does: door, output: yard, ${simulated} }`,
        `{ name: mains, does: mains, ${simulated} }`,
      ),
    ).toEqual([
      "hardware.contacts.0.framing: a serial line is always `rtu`: leave it out",
      "hardware.contacts.1.output: only an `isolator` belongs to an output: leave it out",
      "hardware.contacts.2.does: a `mains` contact tells that the station runs on its battery: describe `hardware.battery` too",
    ]);
    expect(contactMistakes(`{ name: cut, does: isolator, output: roof, ${simulated} }`)).toEqual([
      "hardware.contacts.0.output: no output is called 'roof': horn, yard",
    ]);
  });

  it("of a computer with faces only says that it has no sound, and then nothing that would sound", () => {
    const told = (words: string) => {
      const file = parseStationFile(`${HEAD}  sound: { kind: none }\n${words}`, "/etc/loa");
      return "length" in file ? file.map(({ path, message }) => `${path}: ${message}`) : file.hardware.sound.kind;
    };
    expect(told("")).toBe("none");
    const line = "{ kind: gpio, power: { chip: pinctrl-rp1, offset: 17 } }";
    expect(told(`  amplifier: ${line}\n  furtherOutputs: [{ name: yard }]\n  microphone: {}\n`)).toEqual(
      ["amplifier", "furtherOutputs", "microphone"].map(
        (part) => `hardware.${part}: this computer has no sound (\`sound: { kind: none }\`): leave it out`,
      ),
    );
    const zone = parseStationFile(`${HEAD}  furtherOutputs: [{ name: yard, sound: { kind: none } }]\n`, "/etc/loa");
    expect(zone).toMatchObject([{ path: "hardware.furtherOutputs.0.sound.kind" }]);
  });
});
