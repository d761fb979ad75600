/** Whether a board is as it was told to be. Pure. */
import {
  type BoardImage,
  DISPLAY_ASPECTS,
  type DisplayAbilities,
  type DisplayAspect,
  type DisplayReport,
  type DisplayWish,
  type ImageAbility,
} from "../../playback/ports/display-controller.ts";
import { Refused } from "../bus/wire-fault.ts";
import type { DisplayOrder } from "./dialect.ts";

/** What a wish comes to, in order; switching off stands alone. @throws Refused for what the board cannot be told */
export function ordersOf(wish: DisplayWish, can: DisplayAbilities): readonly DisplayOrder[] {
  const asked = DISPLAY_ASPECTS.filter((aspect) => wish[aspect] !== undefined);
  for (const aspect of asked) {
    if (!can.aspects.has(aspect)) throw new Refused(`it has no ${aspect} to be set`);
  }
  if (wish.pattern !== undefined && !can.patterns.includes(wish.pattern)) {
    throw new Refused(`it has no test pattern "${wish.pattern}"; it has: ${can.patterns.join(", ")}`);
  }
  if (wish.power === false) return [{ aspect: "power", value: false }];
  return asked.map((aspect) => ({ aspect, value: wish[aspect] }) as DisplayOrder);
}

/** The value that stands in a report when a wish was obeyed. */
function expected(aspect: DisplayAspect, wish: DisplayWish, can: DisplayAbilities): unknown {
  const value = wish[aspect];
  return aspect === "brightness" && typeof value === "number" ? can.brightnessTaken(value) : value;
}

/** Aspects whose report is not the wish; one that is not reported does not differ. */
export function disobeyed(wish: DisplayWish, reported: DisplayReport, can: DisplayAbilities): readonly DisplayAspect[] {
  return DISPLAY_ASPECTS.filter(
    (aspect) =>
      wish[aspect] !== undefined && reported[aspect] !== null && reported[aspect] !== expected(aspect, wish, can),
  );
}

/** Why it is not obeyed, in words; `null` where it is, as far as it says. */
export function differing(wish: DisplayWish, reported: DisplayReport, can: DisplayAbilities): string | null {
  const wrong = disobeyed(wish, reported, can).map(
    (aspect) => `${aspect} was set to ${expected(aspect, wish, can)} and is reported as ${reported[aspect]}`,
  );
  return wrong.length === 0 ? null : wrong.join("; ");
}

/** Of several parts' reports the one that disobeys, for each aspect; so one dead face is not hidden by its neighbours. */
export function combined(reports: readonly DisplayReport[], wish: DisplayWish, can: DisplayAbilities): DisplayReport {
  const one = (aspect: DisplayAspect) => {
    const said = reports.map((report) => report[aspect]).filter((value) => value !== null);
    const other = said.find((value) => wish[aspect] !== undefined && value !== expected(aspect, wish, can));
    return other ?? said[0] ?? null;
  };
  return Object.fromEntries(DISPLAY_ASPECTS.map((aspect) => [aspect, one(aspect)])) as DisplayReport;
}

/** @throws Refused where a picture is not one, or not for this board */
export function assertFits(image: BoardImage, board: ImageAbility): void {
  const { area, x, y, width, height, rgb, timeoutMs } = image;
  const whole = [area, x, y, width, height].every((value) => Number.isInteger(value) && value >= 0);
  if (!whole || area >= board.areas) throw new Refused(`a picture needs an area from 0 to ${board.areas - 1}`);
  if (width === 0 || height === 0 || x + width > board.width || y + height > board.height) {
    throw new Refused(
      `the picture (${width} × ${height} at ${x}, ${y}) does not lie on the board (${board.width} × ${board.height})`,
    );
  }
  if (rgb.length !== width * height * 3)
    throw new Refused(`the picture has ${rgb.length} bytes, not ${width * height * 3}`);
  if (!(timeoutMs >= 1_000)) throw new Refused("a picture needs a time-out of a second or more");
}
