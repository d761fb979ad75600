/**
 * An Onbon card with its board, for training and tests: it decodes what the driver sent and can be looked at pixel by pixel, as the card's
 * memory would show it at this moment.
 */
import type { Monotonic } from "../../../playback/model/units.ts";
import type { DisplayReport } from "../../../playback/ports/display-controller.ts";
import type { Taken } from "../../bus/connection.ts";
import { percentOf } from "../brightness.ts";
import type { DisplayBehaviour } from "../simulated/behaviour.ts";
import type { SimulatedProtocol, SimulatedSession } from "../simulated/server.ts";
import { BRIGHTEST, COMMAND } from "./commands.ts";
import { ANY, encodeFrame, takeFrame } from "./frame.ts";
import type { OnbonCard } from "./pixels.ts";

export interface SimulatedCard {
  readonly card: OnbonCard;
  readonly colours: 1 | 2;
  readonly width: number;
  readonly height: number;
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
  readonly until: Monotonic;
}

type Rgb = readonly [number, number, number];
const DARK: Rgb = [0, 0, 0];
const takeRequest = takeFrame(700_000);

export class SimulatedOnbon implements SimulatedProtocol {
  readonly #card: SimulatedCard;
  readonly #now: () => Monotonic;
  readonly #areas = new Map<number, Area>();
  #brightness = BRIGHTEST;

  constructor(card: SimulatedCard, now: () => Monotonic = () => performance.now()) {
    this.#card = card;
    this.#now = now;
  }

  /** Areas shown now. */
  get areas(): readonly number[] {
    return [...this.#areas].filter(([, { until }]) => this.#now() < until).map(([area]) => area);
  }

  /** Blank and pattern are what the whole board shows, where it is of one colour and covered as a whole. */
  truth(): DisplayReport {
    const cover = this.areas.includes(31) ? this.pixel(0, 0).join() : null;
    const patterns: Readonly<Record<string, DisplayReport["pattern"]>> = { "255,0,0": "red", "255,255,255": "white" };
    return {
      power: null,
      brightness: percentOf(this.#brightness, BRIGHTEST),
      blank: cover === "0,0,0",
      // Behind black there is nothing to be seen.
      pattern: cover === "0,0,0" ? null : ((cover === null ? null : patterns[cover]) ?? "none"),
    };
  }

  /** What a pixel of the board shows; dark where nothing does. */
  pixel(x: number, y: number): Rgb {
    for (const id of this.areas) {
      const area = this.#areas.get(id);
      if (area === undefined) continue;
      const [column, row] = [x - area.x, y - area.y];
      if (column >= 0 && row >= 0 && column < area.width && row < area.height) return this.#colour(area, column, row);
    }
    return DARK;
  }

  session(): SimulatedSession {
    return {
      greeting: new Uint8Array(),
      take: (bytes): Taken<(behaviour: DisplayBehaviour) => Uint8Array> => {
        const { used, message } = takeRequest(bytes);
        return { used, message: message && ((behaviour) => this.#answer(message, behaviour)) };
      },
      // A bit of the header, so that no escape is hurt.
      spoiled: (answer) => answer.map((byte, index) => (index === 16 ? byte ^ 0x01 : byte)),
    };
  }

  #colour({ x, width, height, pixels }: Area, column: number, row: number): Rgb {
    const { card, colours } = this.#card;
    if (card === "6q") {
      const at = (row * width + column) * 3;
      return [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
    }
    const unit = card === "6e" ? 32 : 8;
    const bit = (x % unit) + column;
    const stride = (Math.ceil(((x % unit) + width) / unit) * unit) / 8;
    const lit = (colour: number) => {
      if (card === "5e") {
        const byte = pixels[(row * stride + (bit >> 3)) * colours + colour] ?? 0xff;
        return (byte & (0x80 >> (bit & 7))) === 0;
      }
      const word = pixels.readUInt32LE(colour * stride * height + row * stride + (bit >> 5) * 4);
      return ((word >>> (31 - (bit & 31))) & 1) === 0;
    };
    return [lit(0) ? 255 : 0, colours === 2 && lit(1) ? 255 : 0, 0];
  }

  #answer(data: Buffer, { lying, busy }: DisplayBehaviour): Buffer {
    if (busy) return reply([0xa0, 0x01], { error: 3 });
    const is = ([group, command]: readonly [number, number]) => data[1] === group && data[2] === command;
    if (is(COMMAND.askBrightness)) {
      return reply([0xa2, 0x99], { data: Uint8Array.of(0, 0, 0, 0, 0, this.#brightness, 0) });
    }
    if (is(COMMAND.setBrightness)) {
      if (data.readUInt16LE(3) !== 0x31 || data.length !== 5 + 0x31) return reply([0xa0, 0x01], { error: 18 });
      if (!lying) this.#brightness = data[6] ?? 0;
    } else if (is(COMMAND.writeArea)) {
      const area = this.#parsed(data);
      if (area === null) return reply([0xa0, 0x01], { error: 18 });
      if (!lying) this.#areas.set(area[0], area[1]);
    } else if (is(COMMAND.deleteAreas)) {
      const count = data[5] ?? 0;
      const gone = count === 0xff ? [...this.#areas.keys()] : [...data.subarray(6, 6 + count)];
      if (!lying) for (const area of gone) this.#areas.delete(area);
    } else if (!is(COMMAND.ping)) return reply([0xa0, 0x01], { error: 2 });
    return reply([0xa0, 0x00], {});
  }

  /** `null` where a field is not as the manual has it. Reads its own way, not the driver's. */
  #parsed(data: Buffer): readonly [number, Area] | null {
    const isSixth = this.#card.card !== "5e";
    let at = 5;
    const number = (bytes: number) => {
      const value = data.readUIntLE(at, bytes);
      at += bytes;
      return value;
    };
    if (isSixth && number(2) !== 1) return null;
    const parameters = number(4);
    const start = at;
    const [id, runMode, timeout, , programmes, immediate] = [
      number(1),
      number(1),
      number(2),
      number(1),
      number(2),
      number(1),
    ];
    if (programmes !== 0 || immediate !== 1 || number(4) !== 0 || number(1) !== 0x10) return null;
    const [x, y, width, height] = [number(2), number(2), number(2), number(2)];
    // No frame; in the sixth generation no background, transparency, sound, and five reserved.
    const rest = isSixth ? [1, 1, 1, 1, 1, 5] : [1];
    if (rest.some((bytes) => number(bytes) !== 0) || number(2) !== 1) return null;
    const page = number(4);
    at += 7 + 2;
    at += isSixth ? 9 + 4 : 4;
    const length = isSixth ? number(4) : data.length - at;
    const pageBytes = isSixth ? 26 : 13 + length;
    if (page !== pageBytes || parameters !== (isSixth ? at - start : data.length - start)) return null;
    if (data.length - at !== length || x + width > this.#card.width || y + height > this.#card.height) return null;
    const until = runMode === 2 ? this.#now() + timeout * 1_000 : Number.POSITIVE_INFINITY;
    return [id, { x, y, width, height, until, pixels: Buffer.from(data.subarray(at)) }];
  }
}

function reply(
  command: readonly number[],
  { error = 0, data = new Uint8Array() }: { error?: number; data?: Uint8Array },
): Buffer {
  const status = error === 0 ? 0 : 1;
  const fields = Uint8Array.of(0, ...command, status, 0, error, 0, data.length, 0, ...data);
  return encodeFrame({ screen: ANY, deviceType: ANY }, fields);
}
