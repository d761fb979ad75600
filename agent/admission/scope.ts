/**
 * What a document plainly asks for, against what a delegation allows. Pure. What depends on the moment – a recurrence that reaches into
 * other hours, media that run longer than was said – goes with the document as its limits, and playback enforces it.
 */
import type { LocalTime, OriginLimits } from "../../playback/model/schedule.ts";
import { type Millis, type Percent, percentOf } from "../../playback/model/units.ts";
import type { CommandBody } from "../contract/command.ts";
import type { ConfigBody } from "../contract/config.ts";
import type { ScheduleBody } from "../contract/schedule.ts";
import type { Scope } from "../contract/trust.ts";
import { covers } from "../identity.ts";
import type { Body } from "./document.ts";

interface Asks {
  readonly levels?: readonly string[];
  readonly classes?: readonly string[];
  readonly command?: string;
  readonly volumes?: readonly (Percent | undefined)[];
  readonly runs?: readonly Millis[];
  readonly starts?: readonly LocalTime[];
}

type Programme = ScheduleBody["programmes"][number];
type Items = Programme["items"];

const DAY_MS = 86_400_000;

/** Items that say themselves how long they run; of media only the decoder knows. */
function runsOf(items: Items): Millis[] {
  return items.flatMap((item) => {
    if (item.kind === "live") return [item.longestMs];
    return item.kind === "silence" ? [item.durationMs] : [];
  });
}

const withSeconds = (time: LocalTime) => (time.length === 5 ? `${time}:00` : time);
const ofDay = (time: LocalTime) => Date.parse(`1970-01-01T${withSeconds(time)}Z`);

/** A loop plays until the end of its window, and a playlist is shown until then: that much it asks for. */
function windowOf({ start, end }: Pick<Programme, "start" | "end">): Millis[] {
  if (end === undefined) return [];
  const length = ofDay(end) - ofDay(start);
  return [length > 0 ? length : length + DAY_MS];
}

function startsOf({ start, recurrence }: Pick<Programme, "start" | "recurrence">): LocalTime[] {
  if (recurrence.kind !== "rrule") return [start];
  const hours = /(?:^|;)BYHOUR=([\d,]+)/i.exec(recurrence.rrule)?.[1]?.split(",") ?? [];
  const others = [recurrence.dtstart, ...(recurrence.rdates ?? [])].map((at) => at.slice(11, 19));
  return [start, ...others, ...hours.map((hour) => `${hour.padStart(2, "0")}${start.slice(2)}`)];
}

function ofSchedule({ level, programmes, playlists }: ScheduleBody): Asks {
  const loops = programmes.filter(({ loop }) => loop);
  const regions = playlists.flatMap(({ layout }) => layout);
  return {
    levels: [level],
    classes: [...new Set([...programmes, ...playlists].map((one) => one.class))],
    volumes: programmes.map(({ volume }) => volume),
    runs: [
      ...[...programmes, ...regions].flatMap(({ items }) => runsOf(items)),
      ...[...loops, ...playlists].flatMap(windowOf),
    ],
    starts: [...programmes, ...playlists].flatMap(startsOf),
  };
}

function ofConfig({ policy }: ConfigBody): Asks {
  const periods = (policy.volumePeriods ?? []).map(({ percent, db }) => percent ?? percentOf(db ?? 0));
  return { volumes: [policy.volume, policy.emergencyVolume, policy.volumeCeiling, ...periods] };
}

function ofCommand(body: CommandBody): Asks {
  const command = body.name;
  if (body.name === "announce") {
    const runs = [body.longestMs, ...runsOf(body.items)];
    return { command, classes: ["normal"], volumes: [body.volume], runs };
  }
  if (body.name === "live-start") return { command, classes: ["normal"], runs: [body.longestMs] };
  return body.name === "volume" ? { command, volumes: [body.percent] } : { command };
}

function asksOf(body: Body): Asks {
  switch (body.kind) {
    case "schedule":
      return ofSchedule(body.value);
    case "content":
      return { levels: [body.value.level] };
    case "config":
      return ofConfig(body.value);
    case "command":
      return ofCommand(body.value);
    case "emergency": {
      const { volume, longestMs, items } = body.value;
      return { classes: ["emergency"], volumes: [volume], runs: [longestMs, ...runsOf(items)] };
    }
    default:
      return {};
  }
}

function inside(time: LocalTime, hours: NonNullable<Scope["hours"]>): boolean {
  const at = withSeconds(time);
  return hours.some((span) => {
    const [from, to] = [withSeconds(span.from), withSeconds(span.to)];
    return from < to ? from <= at && at < to : at >= from || at < to;
  });
}

/** The first thing that this scope does not allow, in words, or `null`. `chain`: the station's addresses, broadest first. */
export function beyondScope(scope: Scope, body: Body, address: string, chain: readonly string[]): string | null {
  const { levels = [], classes = [], command, volumes = [], runs = [], starts = [] } = asksOf(body);
  const { loudest, longestMs, hours, commands } = scope;
  if (!covers(scope.addresses, address, chain)) return `speak to ${address}`;
  const level = levels.find((asked) => !scope.levels.some((allowed) => allowed === asked));
  if (level !== undefined) return `speak at level '${level}'`;
  const name = classes.find((asked) => !scope.classes.some((allowed) => allowed === asked));
  if (name !== undefined) return `ask for class '${name}'`;
  if (command !== undefined && commands !== undefined && !commands.includes(command)) return `command '${command}'`;
  const volume = volumes.find((asked) => asked !== undefined && loudest !== undefined && asked > loudest);
  if (volume !== undefined) return `ask for volume ${volume}: at most ${loudest}`;
  const run = runs.find((asked) => longestMs !== undefined && asked > longestMs);
  if (run !== undefined) return `ask for ${run} ms: at most ${longestMs}`;
  const start = starts.find((asked) => hours !== undefined && !inside(asked, hours));
  return start === undefined ? null : `start at ${start}: outside its hours`;
}

/** What playback has to hold this authority to. */
export function limitsOf({ longestMs, loudest, hours }: Scope): OriginLimits | undefined {
  const limits = {
    ...(longestMs === undefined ? {} : { longestMs }),
    ...(loudest === undefined ? {} : { loudest }),
    ...(hours === undefined ? {} : { hours }),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}
