/**
 * Lines by the character device. Those of one chip are one request to the kernel and move in one moment. They are held exclusively, under our
 * name, until they are closed or the process is gone. What a released line does then is the chip's: on a Raspberry Pi it keeps its level
 * unless `dtparam=strict_gpiod` is set, elsewhere it may float. So nobody relies on it: the guard, and whoever makes outputs safe, write.
 */
import { getSystemErrorName } from "node:util";
import { StationError } from "../../playback/model/station-error.ts";
import { labelled } from "./cdev-chips.ts";
import type { GpioLineConfig, HeldLines, Move } from "./held-lines.ts";
import type { GpioKernel } from "./kernel.ts";
import * as uapi from "./uapi.ts";

/** Lines of one chip. */
interface Part {
  readonly fd: number;
  /** Their places in what was asked. */
  readonly places: readonly number[];
  readonly what: string;
}

export class CdevLines implements HeldLines {
  readonly #kernel: GpioKernel;
  readonly #count: number;
  #parts: readonly Part[];
  readonly #tellsEdges: boolean;

  private constructor(kernel: GpioKernel, count: number, parts: readonly Part[], tellsEdges: boolean) {
    this.#kernel = kernel;
    this.#count = count;
    this.#parts = parts;
    this.#tellsEdges = tellsEdges;
  }

  /** Takes lines as outputs at these levels, without a moment at others. @throws StationError `gpio-unavailable` */
  static outputs(
    kernel: GpioKernel,
    consumer: string,
    lines: readonly GpioLineConfig[],
    levels: readonly boolean[],
  ): CdevLines {
    const as = (places: readonly number[]) => ({ levels: places.map((place) => levels[place] === true) });
    return new CdevLines(kernel, lines.length, taken(kernel, consumer, lines, as), false);
  }

  /** Takes lines as inputs; where the chip has no interrupts for them, without edges. @throws StationError `gpio-unavailable` */
  static inputs(kernel: GpioKernel, consumer: string, lines: readonly GpioLineConfig[], edges: boolean): CdevLines {
    const take = (wanted: boolean) => taken(kernel, consumer, lines, () => ({ edges: wanted }));
    if (!edges) return new CdevLines(kernel, lines.length, take(false), false);
    try {
      return new CdevLines(kernel, lines.length, take(true), true);
    } catch (error) {
      // An expander without its interrupt line refuses edges (ENXIO, EINVAL); what else is wrong is wrong without them too.
      if (!(error instanceof StationError)) throw error;
      return new CdevLines(kernel, lines.length, take(false), false);
    }
  }

  async read(): Promise<readonly boolean[]> {
    const levels = new Array<boolean>(this.#count).fill(false);
    for (const part of this.#held()) {
      for (const [index, level] of this.#levelsOf(part).entries()) levels[part.places[index] as number] = level;
    }
    return levels;
  }

  async write(moves: readonly Move[]): Promise<void> {
    const waiting = new Set(this.#held());
    // Chip after chip, in the order of the moves.
    for (const { line } of moves) {
      const part = [...waiting].find(({ places }) => places.includes(line));
      if (part === undefined) continue;
      waiting.delete(part);
      this.#move(part, moves);
    }
  }

  moved(): boolean | null {
    if (!this.#tellsEdges) return null;
    let some = false;
    const event = Buffer.alloc(uapi.SIZES.lineEvent);
    for (const { fd, what } of this.#held()) {
      // Bounded by what the kernel keeps; what comes meanwhile is for the next time.
      for (let left = 64; left > 0 && this.#kernel.readable(fd); left--) {
        try {
          this.#kernel.read(fd, event);
        } catch (error) {
          throw new StationError("amplifier-unreachable", `${what}: ${(error as Error).message}`, { cause: error });
        }
        some = true;
      }
    }
    return some;
  }

  close(): void {
    for (const { fd } of this.#parts) this.#kernel.close(fd);
    this.#parts = [];
  }

  #move(part: Part, moves: readonly Move[]): void {
    const asked = part.places.map((place) => moves.find(({ line }) => line === place));
    const bits = uapi.maskOf(asked.map((move) => move?.level === true));
    const mask = uapi.maskOf(asked.map((move) => move !== undefined));
    this.#ask(part, uapi.REQUESTS.setValues, uapi.lineValues(bits, mask));
    const levels = this.#levelsOf(part);
    if (asked.every((move, index) => move === undefined || move.level === levels[index])) return;
    const words = (which: readonly (boolean | undefined)[]) => which.map((level) => (level ? 1 : 0)).join("");
    throw new StationError(
      "amplifier-disobeys",
      `${part.what} were set to ${words(asked.map((move) => move?.level))} and read back ${words(levels)}`,
    );
  }

  #levelsOf(part: Part): boolean[] {
    const all = uapi.maskOf(part.places.map(() => true));
    const bytes = uapi.lineValues(0n, all);
    this.#ask(part, uapi.REQUESTS.getValues, bytes);
    return uapi.levelsIn(bytes, part.places.length);
  }

  #ask({ fd, what }: Part, request: number, bytes: Buffer): void {
    const error = this.#kernel.request(fd, request, bytes);
    if (error !== 0) throw new StationError("amplifier-unreachable", `${what}: ${getSystemErrorName(-error)}`);
  }

  #held(): readonly Part[] {
    if (this.#parts.length === 0) throw new StationError("amplifier-unreachable", "the GPIO lines are not held");
    return this.#parts;
  }
}

type As = (places: readonly number[]) => uapi.AskedAs;

function taken(kernel: GpioKernel, consumer: string, lines: readonly GpioLineConfig[], as: As): readonly Part[] {
  const parts: Part[] = [];
  try {
    for (const label of new Set(lines.map(({ chip }) => chip))) {
      const places = [...lines.keys()].filter((place) => lines[place]?.chip === label);
      const asked = places.map((place) => lines[place] as GpioLineConfig);
      parts.push({ ...takenOf(kernel, consumer, label, asked, as(places)), places });
    }
    return parts;
  } catch (error) {
    for (const { fd } of parts) kernel.close(fd);
    throw error;
  }
}

function takenOf(
  kernel: GpioKernel,
  consumer: string,
  label: string,
  lines: readonly GpioLineConfig[],
  as: uapi.AskedAs,
): { readonly fd: number; readonly what: string } {
  const what = `GPIO ${label} ${lines.map(({ offset }) => offset).join("+")}`;
  const chip = labelled(kernel, lines);
  try {
    const bytes = uapi.lineRequest(consumer, lines, as);
    const error = kernel.request(chip, uapi.REQUESTS.getLine, bytes);
    if (error === 0) return { fd: uapi.requestedFd(bytes), what };
    const why = getSystemErrorName(-error);
    const holders = lines.flatMap(({ offset }) => holder(kernel, chip, offset));
    throw new StationError(
      "gpio-unavailable",
      `${what} cannot be taken: ${holders.length === 0 ? why : `${why}, ${holders.join(", ")}`}`,
    );
  } finally {
    // The lines have a descriptor of their own.
    kernel.close(chip);
  }
}

function holder(kernel: GpioKernel, chip: number, offset: number): string[] {
  const bytes = uapi.lineQuestion(offset);
  if (kernel.request(chip, uapi.REQUESTS.lineInfo, bytes) !== 0) return [];
  const by = uapi.holderOf(bytes);
  return by === null ? [] : [`line ${offset} is held by "${by}"`];
}
