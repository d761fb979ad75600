/** A controller that only remembers, for tests in virtual time. */
import { StationError } from "../../../playback/model/station-error.ts";
import {
  type BoardImage,
  type DisplayAbilities,
  type DisplayController,
  type DisplayReport,
  type DisplayStatus,
  type DisplayWish,
  SILENT_REPORT,
  TEST_PATTERNS,
} from "../../../playback/ports/display-controller.ts";

export class FakeDisplay implements DisplayController {
  readonly name = "board-1";
  readonly can: DisplayAbilities = {
    aspects: new Set(["power", "brightness", "blank", "pattern"]),
    patterns: TEST_PATTERNS,
    images: { width: 64, height: 32, areas: 4 },
    brightnessTaken: (asked) => asked,
  };
  /** Every call that reached it, in order. */
  readonly calls: string[] = [];
  readonly shown = new Map<number, BoardImage>();
  state: DisplayReport = SILENT_REPORT;
  away = false;
  /** Aspects that it refuses. */
  refuses = new Set<string>();
  /** Calls never end. */
  hangs = false;
  /** How many calls are under way, and were at most. */
  underWay = 0;
  mostUnderWay = 0;

  open = (): Promise<void> => this.#call("open", () => undefined);
  close = async (): Promise<void> => {
    this.calls.push("close");
    this.underWay = 0;
  };
  apply = (wish: DisplayWish): Promise<void> =>
    this.#call(`apply ${JSON.stringify(wish)}`, () => {
      const refused = Object.keys(wish).find((aspect) => this.refuses.has(aspect));
      if (refused !== undefined) throw new StationError("display-disobeys", `board-1: no ${refused}`);
      this.state = { ...this.state, ...wish };
    });
  show = (image: BoardImage): Promise<void> =>
    this.#call(`show ${image.area}`, () => void this.shown.set(image.area, image));
  clear = (area: number): Promise<void> => this.#call(`clear ${area}`, () => void this.shown.delete(area));
  status = (): Promise<DisplayStatus> =>
    this.#call("status", () => ({
      commanded: {},
      driven: {},
      reported: this.state,
      model: null,
      firmware: null,
      temperature: null,
      input: null,
      faults: null,
    }));

  /** Without the polling. */
  orders(): readonly string[] {
    return this.calls.filter((call) => call !== "status" && call !== "open");
  }

  /** Loses its power: everything is forgotten, and it is back at once. */
  reset(): void {
    this.state = SILENT_REPORT;
    this.shown.clear();
  }

  async #call<T>(name: string, work: () => T): Promise<T> {
    this.calls.push(name);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    await Promise.resolve();
    if (this.hangs) return new Promise<T>(() => undefined);
    this.underWay -= 1;
    if (this.away) throw new StationError("display-unreachable", "board-1: nobody there");
    return work();
  }
}
