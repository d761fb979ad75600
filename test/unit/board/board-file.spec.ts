import { describe, expect, it } from "vitest";
import { type BoardFile, board, boardWithPaths, facesOf } from "../../../agent/config/board-file.ts";
import { Buses } from "../../../drivers/bus/bus.ts";
import { createDisplayController } from "../../../drivers/display/create.ts";
import { LG } from "../../support/drivers/display-benches.ts";

const SCREEN = { width: 1_920, height: 1_080 };
const LEFT = { name: "left", at: { x: 0, y: 0, width: 960, height: 1_080 } };
const RIGHT = { name: "right", at: { x: 960, y: 0, width: 960, height: 1_080 }, rotation: 90, languages: ["zh", "vi"] };
const TCP = { kind: "tcp", host: "192.168.1.10" };
const CARD = { kind: "onbon", link: TCP, card: "6q", width: 128, height: 64 };

function mistakes(file: unknown): readonly string[] {
  const parsed = board.safeParse(file);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}
const parsed = (file: unknown): BoardFile => board.parse(file);

describe("hardware.board", () => {
  it("describes two faces of one screen and a card beside it", () => {
    const file = parsed({
      screen: SCREEN,
      faces: [LEFT, RIGHT, { name: "card", size: { width: 128, height: 64 }, controller: CARD }],
    });
    expect(file.screen?.kiosk).toMatchObject({
      mode: "cage",
      chromium: "/usr/bin/chromium",
      drmRoot: "/sys/class/drm",
    });
    expect(facesOf(file)).toEqual([
      { name: "left", rect: LEFT.at, size: { width: 960, height: 1_080 }, rotation: 0, languages: ["vi"] },
      { name: "right", rect: RIGHT.at, size: { width: 960, height: 1_080 }, rotation: 90, languages: ["zh", "vi"] },
      { name: "card", rect: null, size: { width: 128, height: 64 }, rotation: 0, languages: ["vi"] },
    ]);
  });

  it("names controllers as the drivers take them", () => {
    const relay = { kind: "gpio", power: { chip: "gpiochip0", offset: 4 } };
    const link = { kind: "serial", device: "/dev/ttyS1", baud: 9_600 };
    const told = [
      { kind: "novastar", link: TCP, ports: 2 },
      CARD,
      { kind: "pjlink", link: TCP, password: "loa", relay },
      { kind: "generic", link, words: LG },
      { kind: "relay", relay },
    ];
    for (const controller of told) {
      const size = controller.kind === "onbon" ? { size: { width: 128, height: 64 } } : { at: LEFT.at };
      const file = parsed({ screen: SCREEN, faces: [{ name: "one", ...size, controller }] });
      const config = file.faces[0]?.controller;
      if (config === undefined) throw new Error("no controller");
      expect(createDisplayController("one", config, new Buses()).name).toBe("one");
    }
  });

  it("tells every mistake in the technician's words", () => {
    const wrong = {
      screen: SCREEN,
      faces: [
        LEFT,
        { ...RIGHT, name: "left", at: { x: 900, y: 0, width: 1_100, height: 500 } },
        { name: "nowhere" },
        { name: "both", at: { x: 0, y: 0, width: 10, height: 10 }, size: { width: 10, height: 10 }, controller: CARD },
      ],
    };
    expect(mistakes(wrong)).toEqual([
      "faces.1.name: another face is called 'left' already",
      "faces.1.at: reaches beyond the screen of 1920×1080",
      "faces.1.at: lies over 'left'",
      "faces.2.at: a face is a rectangle of the screen (`at`) or a card of its own (`size`): one of them",
      "faces.3.at: a face is a rectangle of the screen (`at`) or a card of its own (`size`): one of them",
      "faces.3.controller: the card has 128×64, the face 10×10",
    ]);
    expect(mistakes({ faces: [LEFT] })).toEqual(["faces.0.at: there is no `screen` that it could be a rectangle of"]);
    expect(mistakes({ faces: [{ name: "a", size: { width: 10, height: 10 } }] })).toEqual([
      "faces.0.controller: a face with `size` needs a controller that keeps pictures: onbon",
    ]);
  });

  it("tells what is wrong with a controller's words, where it stands", () => {
    const words = { ...LG, temperature: { send: "dn 01 FF", expect: "n" } };
    expect(
      mistakes({ screen: SCREEN, faces: [{ ...LEFT, controller: { kind: "generic", link: TCP, words } }] }),
    ).toEqual([
      "faces.0.controller.link.port: a controller described by words has no usual port: name it",
      "faces.0.controller.words.temperature.expect: needs {value}",
    ]);
  });

  it("tells what is wrong with a relay that feeds the board, as with an amplifier's", () => {
    const serial = { kind: "serial", device: "/dev/ttyS1", baud: 9_600 };
    const modbus = { kind: "modbus", link: serial, framing: "tcp", power: 2, mute: 2 };
    const line = { chip: "pinctrl-rp1", offset: 4, bias: "pull-up" };
    const of = (relay: object, told: object) =>
      mistakes({ screen: SCREEN, faces: [{ ...LEFT, controller: { ...told, relay } }] });
    expect(of(modbus, { kind: "relay" })).toEqual([
      "faces.0.controller.relay.mute: this relay is the power relay already",
      "faces.0.controller.relay.framing: a serial line is always `rtu`: leave it out",
    ]);
    expect(of({ kind: "gpio", by: "sysfs", power: line }, { kind: "pjlink", link: TCP })).toEqual([
      "faces.0.controller.relay.power.bias: sysfs cannot set a resistor: leave it out, or say `by: cdev`",
    ]);
  });

  it("refuses more than four faces, none, a baud rate that no line has, a relay that is none, and sizes beyond 8192", () => {
    const faces = Array.from({ length: 5 }, (_, n) => ({
      name: `f${n}`,
      at: { x: n * 10, y: 0, width: 10, height: 10 },
    }));
    expect(mistakes({ screen: SCREEN, faces })).toHaveLength(1);
    expect(mistakes({ screen: SCREEN, faces: [] })).toHaveLength(1);
    expect(mistakes({ screen: 7, faces: "left" })).toHaveLength(2);
    const link = { kind: "serial", device: "/dev/ttyS0", baud: 9_601 };
    expect(mistakes({ screen: SCREEN, faces: [{ ...LEFT, controller: { kind: "novastar", link } }] })).toHaveLength(1);
    const relay = { kind: "none" };
    expect(mistakes({ screen: SCREEN, faces: [{ ...LEFT, controller: { kind: "relay", relay } }] })).toHaveLength(1);
    expect(mistakes({ screen: { width: 9_000, height: 1_080 }, faces: [LEFT] })).toHaveLength(1);
  });

  it("counts paths from the folder of the file", () => {
    const relay = { kind: "simulated", socket: "board.sock" };
    const file = parsed({
      screen: { ...SCREEN, kiosk: { mode: "headless", drmRoot: "drm" } },
      lightSensor: { kind: "simulated", file: "lux" },
      faces: [{ ...LEFT, controller: { kind: "relay", relay } }],
    });
    expect(boardWithPaths(file, (name) => `/etc/loa/${name}`)).toMatchObject({
      screen: { kiosk: { drmRoot: "/etc/loa/drm", mode: "headless" } },
      lightSensor: { file: "/etc/loa/lux" },
      faces: [{ controller: { relay: { socket: "/etc/loa/board.sock" } } }],
    });
  });
});
