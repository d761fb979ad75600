/**
 * The section `hardware.board` of `station.yaml`: the screen that this computer paints, its faces, and what controls them. A face is a rectangle
 * of the screen (`at`) or an asynchronous card with pixels of its own (`size`).
 */
import { z } from "zod";
import { CHECKSUM_NAMES } from "../../drivers/bus/checksums.ts";
import type { DisplayConfig } from "../../drivers/display/create.ts";
import { genericMistakes } from "../../drivers/display/generic/phrasebook.ts";
import { type Face, type Rect, ROTATIONS } from "../../playback/model/board.ts";
import { TEST_PATTERNS } from "../../playback/ports/display-controller.ts";
import { durationMs, identifier, language } from "../contract/primitives.ts";
import { amplifier, amplifierMistakes, link, type Mistake, path } from "./wiring.ts";

/** No screen or board that this drives is larger; also what keeps a picture of it within memory. */
const MOST_PIXELS = 8_192;
const pixels = z.int().min(1).max(MOST_PIXELS);
const size = z.strictObject({ width: pixels, height: pixels });
const rect = size.extend({ x: z.int().min(0).max(MOST_PIXELS), y: z.int().min(0).max(MOST_PIXELS) });

const [gpioRelay, modbusRelay, simulatedRelay] = amplifier.options;
/** A relay line that feeds the board. */
const relay = z.discriminatedUnion("kind", [gpioRelay, modbusRelay, simulatedRelay]);

const spoken = z.strictObject({
  link,
  replyMs: durationMs.min(50).max(30_000).optional(),
  settleMs: durationMs.max(60_000).optional(),
  pauseMs: durationMs.max(10_000).optional(),
  relay: relay.optional(),
});

const words = z.string().min(1).max(500);
const exchange = z.strictObject({ send: words, expect: words.optional() });
const question = z.strictObject({ send: words, expect: words });
const toggle = z.strictObject({
  on: exchange,
  off: exchange,
  ask: z.strictObject({ send: words, on: words, off: words }).optional(),
});
const generic = z.strictObject({
  notation: z.enum(["text", "hex"]),
  checksum: z.strictObject({ kind: z.enum(CHECKSUM_NAMES), from: z.int().min(0).max(255).optional() }).optional(),
  reply: z.union([
    z.strictObject({ endsWith: words }),
    z.strictObject({ length: z.int() }),
    z.strictObject({ lengthAt: z.int().min(0).max(255), plus: z.int().min(0).max(255) }),
  ]),
  refused: words.optional(),
  brightnessMost: z.int().min(1).max(65_535).optional(),
  power: toggle.optional(),
  blank: toggle.optional(),
  brightness: z.strictObject({ set: exchange, ask: question.optional() }).optional(),
  patterns: z.partialRecord(z.enum(TEST_PATTERNS), exchange).optional(),
  temperature: question.optional(),
  firmware: question.optional(),
});

const controller = z.discriminatedUnion("kind", [
  spoken.extend({
    kind: z.literal("novastar"),
    sender: z.int().min(0).max(254).optional(),
    ports: z.int().min(1).max(16).optional(),
  }),
  spoken.extend({
    kind: z.literal("onbon"),
    card: z.enum(["6q", "6e", "5e"]),
    colours: z.literal([1, 2]).optional(),
    ...size.shape,
    screen: z.int().min(0).max(0xffff).optional(),
    deviceType: z.int().min(0).max(0xffff).optional(),
  }),
  spoken.extend({
    kind: z.literal("pjlink"),
    /** Source: PJLink class 1, 5.1: at most 32 characters. */
    password: z.string().min(1).max(32).optional(),
    mute: z.enum(["both", "picture"]).optional(),
  }),
  spoken.extend({ kind: z.literal("generic"), words: generic }),
  z.strictObject({ kind: z.literal("relay"), relay }),
]);
controller satisfies z.ZodType<DisplayConfig>;

const face = z.strictObject({
  name: identifier,
  /** Its rectangle of the screen, as its lamps see it. */
  at: rect.optional(),
  /** Of an asynchronous card, instead of `at`. */
  size: size.optional(),
  /** Clockwise: how the content is turned before it is painted. */
  rotation: z.literal([...ROTATIONS]).default(0),
  languages: z.array(language).min(1).max(8).default(["vi"]),
  controller: controller.optional(),
});

const kiosk = z
  .strictObject({
    /** `cage`: the browser on this computer's connector. `headless`: no picture anywhere, for training. `none`: somebody else opens the page. */
    mode: z.enum(["cage", "headless", "none"]).default("cage"),
    chromium: path.default("/usr/bin/chromium"),
    cage: path.default("/usr/bin/cage"),
    /** As the kernel names it (`HDMI-A-1`); without it the first that has a screen. */
    connector: z
      .string()
      .regex(/^[A-Za-z]+(-[A-Za-z0-9]+)*-\d+$/, { error: "as the kernel names it: HDMI-A-1" })
      .optional(),
    drmRoot: path.default("/sys/class/drm"),
  })
  .prefault({});

const lightSensor = z.discriminatedUnion("kind", [
  /** Folder of the sensor, `/sys/bus/iio/devices/iio:device0`; without it the first that measures light. */
  z.strictObject({ kind: z.literal("iio"), device: path.optional(), root: path.default("/sys/bus/iio/devices") }),
  /** A file with a number, in lux. */
  z.strictObject({ kind: z.literal("simulated"), file: path }),
]);

/** `hardware.board`. */
export const board = z
  .strictObject({
    screen: size
      .extend({
        kiosk,
        /** Of the page, on the loopback; without it a free one. */
        port: z.int().min(1_024).max(65_535).optional(),
      })
      .optional(),
    /** For rules by the sun. */
    position: z
      .strictObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
      .optional(),
    lightSensor: lightSensor.optional(),
    faces: z.array(face).min(1).max(4),
  })
  .superRefine((file, context) => {
    for (const { path: at, message } of mistakesIn(file)) context.addIssue({ code: "custom", path: [...at], message });
  });
export type BoardFile = z.infer<typeof board>;
type FaceFile = BoardFile["faces"][number];

/** What single fields cannot tell. */
function* mistakesIn({ screen, faces }: BoardFile): Generator<Mistake> {
  for (const [index, one] of faces.entries()) {
    const before = faces.slice(0, index);
    const wrong = (field: string, message: string) => ({ path: ["faces", index, field], message });
    if (before.some(({ name }) => name === one.name))
      yield wrong("name", `another face is called '${one.name}' already`);
    if ((one.at === undefined) === (one.size === undefined)) {
      yield wrong("at", "a face is a rectangle of the screen (`at`) or a card of its own (`size`): one of them");
    } else if (one.at !== undefined) {
      if (screen === undefined) yield wrong("at", "there is no `screen` that it could be a rectangle of");
      else if (one.at.x + one.at.width > screen.width || one.at.y + one.at.height > screen.height)
        yield wrong("at", `reaches beyond the screen of ${screen.width}×${screen.height}`);
      for (const other of before) {
        if (other.at !== undefined && overlap(one.at, other.at)) yield wrong("at", `lies over '${other.name}'`);
      }
    }
    yield* controllerMistakes(one, ["faces", index, "controller"]);
  }
}

function* controllerMistakes({ size: card, controller: told }: FaceFile, at: Mistake["path"]): Generator<Mistake> {
  if (card !== undefined && told?.kind !== "onbon") {
    yield { path: at, message: "a face with `size` needs a controller that keeps pictures: onbon" };
  }
  if (told?.kind === "onbon" && card !== undefined && (told.width !== card.width || told.height !== card.height)) {
    yield { path: at, message: `the card has ${told.width}×${told.height}, the face ${card.width}×${card.height}` };
  }
  if (told?.kind === "pjlink" && told.password !== undefined && !/^[\x21-\x7e]+$/.test(told.password)) {
    yield { path: [...at, "password"], message: "letters, digits and signs of ASCII only" };
  }
  if (told?.relay !== undefined) {
    for (const { path: where, message } of amplifierMistakes(told.relay)) {
      yield { path: [...at, "relay", ...where], message };
    }
  }
  if (told?.kind !== "generic") return;
  if (told.link.kind === "tcp" && told.link.port === undefined) {
    yield { path: [...at, "link", "port"], message: "a controller described by words has no usual port: name it" };
  }
  for (const { path: where, message } of genericMistakes(told.words)) {
    yield { path: [...at, "words", ...where.split(".")], message };
  }
}

function overlap(one: Rect, other: Rect): boolean {
  const apart =
    one.x + one.width <= other.x ||
    other.x + other.width <= one.x ||
    one.y + one.height <= other.y ||
    other.y + other.height <= one.y;
  return !apart;
}

/** The faces as the program knows them. */
export function facesOf({ faces }: BoardFile): readonly Face[] {
  return faces.map(({ name, at = null, size: card, rotation, languages }) => {
    const { width, height } = at ?? card ?? { width: 1, height: 1 };
    return { name, rect: at, size: { width, height }, rotation, languages };
  });
}

/** Relative paths count from the folder of `station.yaml`. */
export function boardWithPaths(file: BoardFile, absolute: (name: string) => string): BoardFile {
  type Relay = z.infer<typeof relay>;
  const relayed = (one: Relay): Relay => (one.kind === "simulated" ? { ...one, socket: absolute(one.socket) } : one);
  const placed = (told: NonNullable<FaceFile["controller"]>): NonNullable<FaceFile["controller"]> =>
    told.relay === undefined ? told : { ...told, relay: relayed(told.relay) };
  const { screen, lightSensor: sensor } = file;
  const kioskOf = (one: NonNullable<BoardFile["screen"]>) => ({ ...one.kiosk, drmRoot: absolute(one.kiosk.drmRoot) });
  return {
    ...file,
    ...(screen === undefined ? {} : { screen: { ...screen, kiosk: kioskOf(screen) } }),
    ...(sensor?.kind === "simulated" ? { lightSensor: { ...sensor, file: absolute(sensor.file) } } : {}),
    faces: file.faces.map((one) => (one.controller ? { ...one, controller: placed(one.controller) } : one)),
  };
}
