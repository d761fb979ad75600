/** Lines by sysfs, one `onoff` line each, moved one after the other. */
import { StationError } from "../../playback/model/station-error.ts";
import { globalNumber } from "./chips.ts";
import type { GpioLineConfig, HeldLines, Move } from "./held-lines.ts";
import { OnoffLine } from "./onoff-line.ts";

export class OnoffLines implements HeldLines {
  #lines: readonly OnoffLine[];

  private constructor(lines: readonly OnoffLine[]) {
    this.#lines = lines;
  }

  /** In their order, each at its level from the start. @throws StationError `gpio-unavailable`, `amplifier-disobeys` */
  static outputs(
    lines: readonly GpioLineConfig[],
    levels: readonly boolean[],
    root: string | undefined,
  ): Promise<OnoffLines> {
    return OnoffLines.#take(lines, root, (number, { activeLow }, place) =>
      OnoffLine.output(number, activeLow, levels[place] === true),
    );
  }

  /** @throws StationError `gpio-unavailable`, `amplifier-disobeys` */
  static inputs(lines: readonly GpioLineConfig[], edges: boolean, root: string | undefined): Promise<OnoffLines> {
    return OnoffLines.#take(lines, root, (number, { activeLow }) => OnoffLine.input(number, activeLow, edges));
  }

  static async #take(
    lines: readonly GpioLineConfig[],
    root: string | undefined,
    take: (number: number, line: GpioLineConfig, place: number) => Promise<OnoffLine>,
  ): Promise<OnoffLines> {
    const biased = lines.find(({ bias }) => bias !== undefined);
    if (biased !== undefined) {
      throw new StationError("gpio-unavailable", `sysfs cannot set the bias of "${biased.chip}": say \`by: cdev\``);
    }
    const taken: OnoffLine[] = [];
    try {
      for (const [place, line] of lines.entries()) {
        taken.push(await take(await globalNumber(line, root), line, place));
      }
      return new OnoffLines(taken);
    } catch (error) {
      for (const line of taken) line.close();
      throw error;
    }
  }

  async read(): Promise<readonly boolean[]> {
    const levels: boolean[] = [];
    for (const line of this.#lines) levels.push(await line.read());
    return levels;
  }

  async write(moves: readonly Move[]): Promise<void> {
    for (const { line, level } of moves) await this.#lines[line]?.write(level);
  }

  moved(): boolean | null {
    const told = this.#lines.map((line) => line.moved());
    return told.includes(null) ? null : told.includes(true);
  }

  close(): void {
    for (const line of this.#lines) line.close();
  }
}
