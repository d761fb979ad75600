/** Lines and places as every section of `station.yaml` writes them. */
import { z } from "zod";
import { GPIO_WAYS, type GpioWay } from "../../drivers/gpio/take-lines.ts";
import { BIASES } from "../../drivers/gpio/uapi.ts";
import { FRAMINGS } from "../../drivers/modbus/frame.ts";
import { durationMs } from "../contract/primitives.ts";

/** Of a file or folder; a relative one counts from the folder of `station.yaml`. */
export const path = z.string().min(1).max(500);

export const gpioLine = z.strictObject({
  chip: z.string().min(1),
  offset: z.int().min(0).max(1023),
  activeLow: z.boolean().default(false),
  /** The chip's own resistor: only by the character device. */
  bias: z.enum(BIASES).optional(),
});

/** How GPIO lines are reached; `auto` takes sysfs where it shows the chip and else the character device. */
export const gpioWay = {
  by: z.enum(GPIO_WAYS).default("auto"),
  sysfsRoot: path.optional(),
};

export interface Mistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What a way cannot do. */
export function* gpioMistakes(by: GpioWay, lines: object): Generator<Mistake> {
  if (by !== "sysfs") return;
  for (const [name, line] of Object.entries(lines)) {
    if (typeof line === "object" && line !== null && "bias" in line && line.bias !== undefined) {
      yield { path: [name, "bias"], message: "sysfs cannot set a resistor: leave it out, or say `by: cdev`" };
    }
  }
}

/** Those that the kernel's terminals have and that a controller was seen to use. */
const BAUDS = [1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600, 1_000_000];
/** How a controller or relay board is reached. */
export const link = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("tcp"),
    host: z.string().min(1).max(253),
    /** Without it the protocol's usual one. */
    port: z.int().min(1).max(65_535).optional(),
  }),
  z.strictObject({
    kind: z.literal("serial"),
    device: path,
    baud: z.int().refine((baud) => BAUDS.includes(baud), { error: `must be one of ${BAUDS.join(", ")}` }),
    parity: z.enum(["none", "even", "odd"]).optional(),
  }),
]);

const coil = z.int().min(0).max(255);
/** An input of a board that reads contacts, from 0; `activeLow` where an open one means yes. */
export const boardInput = { input: coil, activeLow: z.boolean().default(false) };
const input = z.strictObject(boardInput);

/** How a Modbus board is reached. */
export const modbusWay = {
  link,
  /** On TCP: `rtu` for a board behind a serial server. */
  framing: z.enum(FRAMINGS).optional(),
  unit: z.int().min(1).max(255).default(1),
  replyMs: durationMs.min(50).max(5_000).default(300),
};

/** An amplifier's lines; also a relay that feeds something else. */
export const amplifier = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("gpio"),
    power: gpioLine,
    mute: gpioLine.optional(),
    fault: gpioLine.optional(),
    sense: gpioLine.optional(),
    ...gpioWay,
  }),
  /** Relays of a Modbus board; coils and inputs count from 0. */
  z.strictObject({
    kind: z.literal("modbus"),
    ...modbusWay,
    power: coil,
    mute: coil.optional(),
    fault: input.optional(),
    sense: input.optional(),
    /** The board itself opens the power relay after so long without a word from us. */
    deadManMs: durationMs
      .min(3_000)
      .max(600_000)
      .multipleOf(100, { error: "the board counts in tenths of a second: a multiple of 100" })
      .optional(),
  }),
  z.strictObject({ kind: z.literal("simulated"), socket: path }),
  z.strictObject({ kind: z.literal("none") }),
]);
export type AmplifierFile = z.infer<typeof amplifier>;

/** What single fields cannot tell, in the technician's words. */
export function* amplifierMistakes(file: AmplifierFile): Generator<Mistake> {
  if (file.kind === "gpio") yield* gpioMistakes(file.by, file);
  if (file.kind !== "modbus") return;
  if (file.mute === file.power) yield { path: ["mute"], message: "this relay is the power relay already" };
  yield* modbusMistakes(file);
}

/** What a line cannot carry. */
export function* modbusMistakes({
  link: { kind },
  framing,
}: Pick<z.infer<(typeof amplifier)["options"][1]>, "link" | "framing">): Generator<Mistake> {
  if (kind === "serial" && framing === "tcp") {
    yield { path: ["framing"], message: "a serial line is always `rtu`: leave it out" };
  }
}
