/**
 * Asynchronous text boards behind an Onbon BX-5 or BX-6 card. They are sent pictures for areas that live in the card's memory only and that
 * the card takes away by itself after their time-out. The public protocol has no switch: black is a picture over the whole board, which
 * stays until it is taken away; power is a relay's. While the board is covered, pictures are kept from it.
 */
import type {
  BoardImage,
  DisplayAbilities,
  DisplayAspect,
  DisplayReport,
  TestPattern,
} from "../../../playback/ports/display-controller.ts";
import { SILENT_REPORT } from "../../../playback/ports/display-controller.ts";
import type { Line } from "../../bus/connection.ts";
import { Refused } from "../../bus/wire-fault.ts";
import { brightnessTaken, percentOf, stepOf } from "../brightness.ts";
import { type Dialect, type DisplayHealth, type DisplayOrder, NO_HEALTH } from "../dialect.ts";
import {
  AREAS,
  askBrightness,
  BRIGHTEST,
  COMMAND,
  deleteAllAreas,
  deleteArea,
  MOST_PIXEL_BYTES,
  type OnbonReply,
  parseBrightness,
  parseReply,
  ping,
  setBrightness,
  writeArea,
} from "./commands.ts";
import { ANY, encodeFrame, type OnbonAddress, takeFrame } from "./frame.ts";
import { encodePixels, generationOf, type OnbonCard, pixelBytes } from "./pixels.ts";

export interface OnbonConfig {
  readonly card: OnbonCard;
  /** Of 5E and 6E: 1 red, 2 red and green. Default 1. */
  readonly colours?: 1 | 2 | undefined;
  /** The board in pixels. */
  readonly width: number;
  readonly height: number;
  /** The screen's number. Default any. */
  readonly screen?: number | undefined;
  /** As in the manual's table, 0x0266 for a 6Q2. Default any. */
  readonly deviceType?: number | undefined;
}

/** The last area covers the board. */
const COVER = AREAS - 1;
/** Seconds are sixteen bits. */
const LONGEST_TIMEOUT = 0xffff;
/** Answers are short. */
const takeReply = takeFrame(1_024);

const COLOURS: Readonly<Partial<Record<TestPattern, readonly number[]>>> = {
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  white: [255, 255, 255],
  grey: [128, 128, 128],
};

export class Onbon implements Dialect {
  readonly can: DisplayAbilities;
  readonly #config: OnbonConfig;
  readonly #colours: 1 | 2;
  readonly #address: OnbonAddress;
  #blank = false;
  #pattern: TestPattern = "none";

  constructor(config: OnbonConfig) {
    const { card, width, height, colours = 1, screen = ANY, deviceType = ANY } = config;
    this.#config = config;
    this.#colours = colours;
    this.#address = { screen, deviceType };
    const covers = pixelBytes(card, colours, { x: 0, width, height }) <= MOST_PIXEL_BYTES;
    const shades: readonly TestPattern[] = card === "6q" ? ["red", "green", "blue", "white", "grey"] : ["white"];
    this.can = {
      // A board that one area cannot cover cannot be made black.
      aspects: new Set<DisplayAspect>(covers ? ["brightness", "blank", "pattern"] : ["brightness"]),
      patterns: covers ? ["none", ...shades] : [],
      images: { width, height, areas: COVER },
      brightnessTaken: brightnessTaken(BRIGHTEST),
    };
  }

  async tell(line: Line, order: DisplayOrder): Promise<void> {
    if (order.aspect === "power") throw new Refused("it has no power to be set");
    if (order.aspect === "brightness") {
      await this.#ask(line, setBrightness(stepOf(order.value, BRIGHTEST)));
      return;
    }
    const blank = order.aspect === "blank" ? order.value : this.#blank;
    const pattern = order.aspect === "pattern" ? order.value : this.#pattern;
    await this.#cover(line, blank ? [0, 0, 0] : COLOURS[pattern]);
    this.#blank = blank;
    this.#pattern = pattern;
  }

  async report(line: Line, aspects: readonly DisplayAspect[]): Promise<readonly DisplayReport[]> {
    if (!aspects.includes("brightness")) {
      await this.#ask(line, ping());
      return [SILENT_REPORT];
    }
    const step = parseBrightness(await this.#ask(line, askBrightness(), [0xa2, 0x99]));
    return [{ ...SILENT_REPORT, brightness: step === null ? null : percentOf(step, BRIGHTEST) }];
  }

  async health(): Promise<DisplayHealth> {
    return NO_HEALTH;
  }

  async show(line: Line, image: BoardImage): Promise<void> {
    if (this.#blank || this.#pattern !== "none") throw new Refused("the board is blank or shows a test pattern");
    const { card } = this.#config;
    if (pixelBytes(card, this.#colours, image) > MOST_PIXEL_BYTES) {
      throw new Refused(`the card takes pictures of at most ${MOST_PIXEL_BYTES} bytes`);
    }
    const timeoutSeconds = Math.min(LONGEST_TIMEOUT, Math.ceil(image.timeoutMs / 1_000));
    await this.#write(line, { ...image, timeoutSeconds });
  }

  async clear(line: Line, area: number): Promise<void> {
    await this.#ask(line, deleteArea(area));
  }

  async #cover(line: Line, colour: readonly number[] | undefined): Promise<void> {
    if (colour === undefined) {
      await this.#ask(line, deleteArea(COVER));
      return;
    }
    const { width, height } = this.#config;
    const rgb = Buffer.alloc(width * height * 3, Uint8Array.from(colour));
    // Areas must not overlap: what they then show is undefined.
    await this.#ask(line, deleteAllAreas());
    await this.#write(line, { area: COVER, x: 0, y: 0, width, height, rgb, timeoutSeconds: null });
  }

  async #write(
    line: Line,
    picture: Omit<BoardImage, "timeoutMs"> & { readonly timeoutSeconds: number | null },
  ): Promise<void> {
    const { card } = this.#config;
    const pixels = encodePixels(card, this.#colours, picture);
    await this.#ask(line, writeArea({ ...picture, pixels }, generationOf(card)));
  }

  /** @throws WireFault, Refused */
  async #ask(line: Line, data: Buffer, answer: readonly [number, number] = [0xa0, 0x00]): Promise<OnbonReply> {
    // Nothing numbers the answers: what came before the question is not its answer.
    line.drain();
    await line.send(encodeFrame(this.#address, data));
    const reply = parseReply(await line.receive(takeReply));
    if (reply.error !== null) throw new Refused(reply.error);
    // Assumed: a ping may be answered in its own group; any sound answer to it will do.
    const isPing = data[1] === COMMAND.ping[0] && data[2] === COMMAND.ping[1];
    if (!isPing && (reply.group !== answer[0] || reply.command !== answer[1])) {
      throw new Refused(`it answers with command ${reply.group} ${reply.command}`);
    }
    return reply;
  }
}
