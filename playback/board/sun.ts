/** When the sun is up over a place. Pure; the only file that knows `suncalc`. Without a place it says six to six, and that it does. */
import { getTimes } from "suncalc";
import { spansAt } from "../agenda/spans.ts";
import { DAY, type Instant } from "../model/units.ts";

/** Degrees, north and east positive. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

export interface Sun {
  readonly up: boolean;
  /** Of the next rise or set; `null` where there is none within two days. */
  readonly until: Instant | null;
  /** Nobody said where the station stands. */
  readonly assumed: boolean;
}

/** Assumed: between 9° and 23° north the sun rises between 05:10 and 06:40 all year. */
const WITHOUT_PLACE = { from: "06:00", to: "18:00" } as const;

/** Rise and set are those of the upper limb with refraction, as almanacs print them. */
export function sunAt(at: Instant, zone: string, position: Position | null): Sun {
  if (position === null) {
    const { inside, until } = spansAt([WITHOUT_PLACE], zone, at);
    return { up: inside, until, assumed: true };
  }
  const days = [-1, 0, 1, 2].map((days) => getTimes(new Date(at + days * DAY), position.latitude, position.longitude));
  const changes = days
    .flatMap(({ sunrise, sunset }) => [
      ...(sunrise === null ? [] : [{ at: sunrise.getTime(), up: true }]),
      ...(sunset === null ? [] : [{ at: sunset.getTime(), up: false }]),
    ])
    .sort((one, other) => one.at - other.at);
  const next = changes.find((change) => change.at > at) ?? null;
  // Where it neither rises nor sets it is day or night for long.
  const up = next === null ? days[1]?.alwaysUp === true : !next.up;
  return { up, until: next?.at ?? null, assumed: false };
}
