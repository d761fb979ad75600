/**
 * What is wired to this board, as `station.yaml` names it: cards, amplifiers, keys, microphones and lines, clock, battery. The parts that later
 * kinds of hardware stand beside.
 */
import { z } from "zod";
import { HORN_BAND } from "../../playback/sound/processing.ts";
import { CONTACT_PURPOSES } from "../contacts/purposes.ts";
import { durationMs, identifier } from "../contract/primitives.ts";
import { board, boardWithPaths } from "./board-file.ts";
import {
  amplifier,
  amplifierMistakes,
  boardInput,
  gpioLine,
  gpioMistakes,
  gpioWay,
  type Mistake,
  modbusMistakes,
  modbusWay,
  path,
} from "./wiring.ts";

const contactBase = z.strictObject({
  name: identifier,
  does: z.enum(CONTACT_PURPOSES),
  /** It must be closed, or open, for so long without a break. */
  steadyMs: durationMs.min(50).max(10_000).default(300),
  /** Of an isolator: the output that it cuts off; all of them where it names none. */
  output: identifier.optional(),
});
const contact = z.discriminatedUnion("kind", [
  contactBase.extend({ kind: z.literal("gpio"), line: gpioLine, ...gpioWay }),
  /** An input of a Modbus board, which may be the amplifier's; nobody tells its edges, so it is asked so often. */
  contactBase.extend({
    kind: z.literal("modbus"),
    ...modbusWay,
    ...boardInput,
    readEveryMs: durationMs.min(100).max(5_000).default(250),
  }),
  contactBase.extend({ kind: z.literal("simulated"), file: path }),
]);

const clock = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("system") }),
  /** For training and tests: the machine's time, with a trust that is declared instead of earned. */
  z.strictObject({ kind: z.literal("simulated"), trust: z.enum(["unknown", "floor", "held"]) }),
]);

const sound = z
  .strictObject({
    /** `none`: this computer only paints faces. */
    kind: z.enum(["card", "none"]).default("card"),
    /** Label of the output as the system lists it; without it the default. */
    device: z.string().optional(),
    /** Which channel of the card this is, and how many the card is opened with; several outputs may share one card. */
    channel: z.int().min(1).max(32).default(1),
    channels: z.int().min(1).max(32).optional(),
    /** How much the card may queue: a word of Web Audio, or seconds. Less is sooner heard and sooner broken by a busy board. */
    latencyHint: z
      .union([z.enum(["playback", "balanced", "interactive"]), z.number().min(0).max(5)])
      .default("playback"),
    latencyCorrectionMs: z.number().min(-500).max(2_000).default(0),
    /** Heard later than the instant, on purpose: against the way that sound itself takes between horns. */
    delayMs: durationMs.max(2_000).default(0),
    /** Scheduled starts are put off by this much, so that neighbouring horns do not talk over each other. */
    staggerMs: durationMs.max(60_000).default(0),
    /** What of the spectrum is let out: a horn breaks on what lies below. `off` for a line or a loudspeaker that takes all of it. */
    band: z
      .union([
        z.literal("off"),
        z.strictObject({
          lowHz: z.number().min(20).max(1_000).default(HORN_BAND.lowHz),
          highHz: z.number().min(2_000).max(20_000).default(HORN_BAND.highHz),
        }),
      ])
      .prefault({}),
    /** For a line or an exciter that takes less than full scale. */
    gainDb: z.number().min(-60).max(0).default(0),
  })
  .refine(({ channel, channels }) => channels === undefined || channel <= channels, {
    error: "the card has fewer channels than that",
    path: ["channel"],
  })
  .prefault({});

const amplifierTimes = z
  .strictObject({
    settleMs: durationMs.default(800),
    guardMs: durationMs.default(120),
    tailMs: durationMs.default(150),
    holdMs: durationMs.default(20_000),
    minimumOffMs: durationMs.default(4_000),
  })
  .prefault({});

/** A capture device as the system calls it: `plughw:CARD=Mic`, `alsa_input.usb-…`. */
const capture = z.strictObject({
  kind: z.enum(["alsa", "pulse"]).default("alsa"),
  device: z.string().min(1).max(200),
});

const described = z.strictObject({
  sound,
  amplifier: amplifier.default({ kind: "none" }),
  amplifierTimes,
  /** Zones beside the first, each with a card (or a channel of one), an amplifier and a programme of its own. */
  furtherOutputs: z
    .array(z.strictObject({ name: identifier, sound, amplifier: amplifier.default({ kind: "none" }), amplifierTimes }))
    .max(7)
    .default([]),
  /**
   * Keys and buttons: a `mute` contact mutes while it is closed, a `local-alert` one alerts while it is; a stop is a push. And what watches over the
   * place: `door`, `isolator` and `mains` are closed while all is well, so that a wire that is cut tells too.
   */
  contacts: z.array(contact).max(16).default([]),
  /** Where somebody on the spot may speak; a signed configuration must allow it too (`policy.page`). Without it nobody can. */
  microphone: z
    .strictObject({
      /** Label of the input as the sound library lists it; without it the default. */
      device: z.string().max(200).optional(),
    })
    .optional(),
  clock: clock.default({ kind: "system" }),
  /** A microphone within hearing of the horns, for `loa test speaker`. */
  ear: capture.optional(),
  /**
   * Receivers and lines that a programme or a grant may carry (`line:NAME` of a signed pin); heard only while one does. Where several outputs
   * carry it at once the device must be one that opens more than once (`dsnoop:CARD=…`).
   */
  lineInputs: z
    .record(identifier, capture)
    .refine((inputs) => Object.keys(inputs).length <= 8, { error: "at most 8" })
    .default({}),
  /** The screen that this computer paints, and the faces of the public board. */
  board: board.optional(),
  /** What the board knows of its battery; without one it is fed by the mains. */
  battery: z
    .strictObject({
      /** Folder of the kernel's power supplies. */
      path: path.default("/sys/class/power_supply"),
      capacityWh: z.number().positive().max(100_000),
      idleW: z.number().positive().max(10_000),
      playingW: z.number().positive().max(10_000),
    })
    .optional(),
});

/** The section `hardware`. */
export const hardware = described
  .superRefine((file, context) => {
    for (const { path: at, message } of mistakesIn(file)) context.addIssue({ code: "custom", path: [...at], message });
  })
  .prefault({});
export type HardwareFile = z.infer<typeof hardware>;

/** What single fields cannot tell. */
function* mistakesIn({
  amplifier: first,
  furtherOutputs,
  contacts,
  battery,
  sound: { kind },
  microphone,
}: z.output<typeof described>): Generator<Mistake> {
  const below = function* (at: Mistake["path"], mistakes: Iterable<Mistake>): Generator<Mistake> {
    for (const { path: where, message } of mistakes) yield { path: [...at, ...where], message };
  };
  yield* below(["amplifier"], amplifierMistakes(first));
  const silent = "this computer has no sound (`sound: { kind: none }`): leave it out";
  if (kind === "none") {
    if (first.kind !== "none") yield { path: ["amplifier"], message: silent };
    if (furtherOutputs.length > 0) yield { path: ["furtherOutputs"], message: silent };
    if (microphone !== undefined) yield { path: ["microphone"], message: silent };
  }
  for (const [index, one] of furtherOutputs.entries()) {
    yield* below(["furtherOutputs", index, "amplifier"], amplifierMistakes(one.amplifier));
    if (one.sound.kind === "none") {
      const at = ["furtherOutputs", index, "sound", "kind"];
      yield { path: at, message: "a zone without sound is none: leave the zone out" };
    }
  }
  for (const [index, one] of contacts.entries()) {
    if (one.kind === "gpio") yield* below(["contacts", index], gpioMistakes(one.by, one));
    if (one.kind === "modbus") yield* below(["contacts", index], modbusMistakes(one));
    if (one.output !== undefined && one.does !== "isolator") {
      yield { path: ["contacts", index, "output"], message: "only an `isolator` belongs to an output: leave it out" };
    }
    if (one.does === "mains" && battery === undefined) {
      const message = "a `mains` contact tells that the station runs on its battery: describe `hardware.battery` too";
      yield { path: ["contacts", index, "does"], message };
    }
  }
}

/** One zone as it is wired. */
export type OutputFile = Pick<HardwareFile, "sound" | "amplifier" | "amplifierTimes"> & {
  readonly name: string;
};

/** Whether anything is to be heard there. */
export const sounds = ({ sound: { kind } }: Pick<OutputFile, "sound">) => kind !== "none";

/** The outputs of this cluster, the first one first. */
export function outputsOf({
  output,
  hardware,
}: {
  readonly output: string;
  readonly hardware: HardwareFile;
}): readonly [OutputFile, ...OutputFile[]] {
  const { sound, amplifier, amplifierTimes, furtherOutputs } = hardware;
  return [{ name: output, sound, amplifier, amplifierTimes }, ...furtherOutputs];
}

/** Where the files of the simulated kinds are. */
export function withPaths(file: HardwareFile, absolute: (name: string) => string): HardwareFile {
  const placed = (one: OutputFile["amplifier"]) =>
    one.kind === "simulated" ? { ...one, socket: absolute(one.socket) } : one;
  return {
    ...file,
    amplifier: placed(file.amplifier),
    contacts: file.contacts.map((one) => (one.kind === "simulated" ? { ...one, file: absolute(one.file) } : one)),
    furtherOutputs: file.furtherOutputs.map((one) => ({ ...one, amplifier: placed(one.amplifier) })),
    ...(file.board === undefined ? {} : { board: boardWithPaths(file.board, absolute) }),
  };
}
