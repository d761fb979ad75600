/**
 * The story as it is planned: when each programme is due, what happens to the station meanwhile, and what must therefore be heard.
 * Pure; seconds count from the story's start. Nothing here knows what the station really does.
 */
import type { MediaName } from "./media.ts";

export interface PlannedProgramme {
  readonly id: string;
  readonly title: string;
  readonly class: "normal" | "priority";
  readonly startS: number;
  readonly chime?: MediaName;
  readonly items: readonly MediaName[];
}

/** What an item's beginning is measured against. */
export type Start =
  /** A time of day: that of the schedule, plus what stands before it in the programme. */
  | { readonly kind: "wall"; readonly atS: number }
  /** The end of another item, as it was found. */
  | { readonly kind: "after"; readonly id: string; readonly withinMs: number }
  /** The moment in which the alert was published. */
  | { readonly kind: "alert"; readonly withinMs: number };

/** One recording that must be found in what was heard. */
export interface Expectation {
  readonly id: string;
  readonly programme: string;
  readonly title: string;
  readonly class: "normal" | "priority" | "emergency";
  readonly media: MediaName;
  readonly start: Start;
  /** It is heard in two parts; at the joint at most so much may be heard twice. */
  readonly cut: { readonly repeatMs: number } | null;
  /** Where it stands when all goes well. */
  readonly fromS: number;
  readonly toS: number;
}

/** What is done to the station, and when. */
export const MOMENTS = { board: 7.5, alert: 23.4, stop: 32.5, kill: 43.4, back: 47 } as const;
/** Least of what `--seconds` may say: the whole story with its records. */
export const STORY_SECONDS = 57;
/** Afterwards an ordinary programme comes this often. */
export const ENCORE_EVERY_S = 20;
/** Known to the station only after the source came back. */
export const FAREWELL_S = 52;
export const ALERT = { id: "lu-01", title: "Nước lũ đang lên nhanh", items: ["siren", "warning"] } as const;

/** A start given by the wall clock may be missed by this. */
export const WALL_TOLERANCE_MS = 150;
const ALERT_WITHIN_MS = 500;
/** Where one item takes the output from another, the amplifier being on. */
const TURN_WITHIN_MS = 600;
const JOINT_WITHIN_MS = 100;
/** The position is noted once a second; the rest is what a note takes. */
const KILL_REPEAT_MS = 1_200;
const CUT_REPEAT_MS = 100;

export const PROGRAMMES: readonly PlannedProgramme[] = [
  {
    id: "sang",
    title: "Chương trình buổi sáng",
    class: "normal",
    startS: 1,
    chime: "chime",
    items: ["morning", "market"],
  },
  { id: "trong-ngay", title: "Tin trong ngày", class: "normal", startS: 10, items: ["vaccination", "water"] },
  { id: "uu-tien", title: "Thông báo ưu tiên", class: "priority", startS: 12, items: ["storm"] },
  { id: "nong-nghiep", title: "Bản tin nông nghiệp", class: "normal", startS: 21, items: ["farming"] },
  { id: "ngoai-tuyen", title: "Bản tin khi mất kết nối", class: "normal", startS: 37, items: ["offline"] },
  { id: "hop-tac-xa", title: "Tin hợp tác xã", class: "normal", startS: 41, items: ["seeds"] },
];
export const FAREWELL: PlannedProgramme = {
  id: "tam-biet",
  title: "Lời chào cuối chương trình",
  class: "normal",
  startS: FAREWELL_S,
  items: ["goodbye"],
};
const ENCORES: readonly (readonly MediaName[])[] = [["library"], ["football"], ["market"]];

/** The n-th ordinary programme after the story, from 0. */
export function encore(n: number): PlannedProgramme {
  const title = `Chương trình thêm ${n + 1}`;
  const items = ENCORES[n % ENCORES.length] ?? [];
  return {
    id: `them-${n + 1}`,
    title,
    class: "normal",
    startS: STORY_SECONDS + 3 + n * ENCORE_EVERY_S,
    chime: "chime",
    items,
  };
}

/** Key of a programme's slot in the journal. */
export function slotKey(programme: Pick<PlannedProgramme, "id" | "startS">, t0: number): string {
  return `province:${programme.id}@${new Date(t0 + programme.startS * 1_000).toISOString()}`;
}

export const ALERT_KEY = `emergency ${ALERT.id}`;

/** Length of each recording in seconds. */
export type Lengths = Readonly<Record<MediaName, number>>;

/** What must be heard of a programme that nothing disturbs: the first item at its time, the others joined to it. */
export function undisturbed(programme: PlannedProgramme, lengths: Lengths): Expectation[] {
  let atS = programme.startS;
  let before: string | null = null;
  return [...(programme.chime ? [programme.chime] : []), ...programme.items].map((media) => {
    const fromS = atS;
    atS += lengths[media];
    const start: Start =
      before === null ? { kind: "wall", atS: fromS } : { kind: "after", id: before, withinMs: JOINT_WITHIN_MS };
    const one = expectation(programme, media, { start, fromS, toS: atS });
    before = one.id;
    return one;
  });
}

/** Everything that must be heard in the story up to and with the farewell, in the order in which it begins. */
export function storyExpectations(lengths: Lengths): Expectation[] {
  const [morning, day, priority, farming, offline, seeds] = PROGRAMMES as [
    PlannedProgramme,
    PlannedProgramme,
    PlannedProgramme,
    PlannedProgramme,
    PlannedProgramme,
    PlannedProgramme,
  ];
  const [first, second] = undisturbed(day, lengths) as [Expectation, Expectation];
  const turn = (id: string): Start => ({ kind: "after", id, withinMs: TURN_WITHIN_MS });
  const storm = follow(priority, "storm", turn(first.id), first.toS + 0.1, lengths);
  const water = { ...second, start: turn(storm.id), fromS: storm.toS + 0.1, toS: storm.toS + 0.1 + lengths.water };
  const alert = { id: ALERT.id, title: ALERT.title, class: "emergency" } as const;
  const siren = follow(
    alert,
    "siren",
    { kind: "alert", withinMs: ALERT_WITHIN_MS },
    MOMENTS.alert + ALERT_WITHIN_MS / 1_000,
    lengths,
  );
  const joint: Start = { kind: "after", id: siren.id, withinMs: JOINT_WITHIN_MS };
  const warning = follow(alert, "warning", joint, siren.toS, lengths);
  const cut = (whole: Expectation, repeatMs: number, awayS: number) => ({
    ...whole,
    cut: { repeatMs },
    toS: whole.toS + awayS,
  });
  const alertS = warning.toS - MOMENTS.alert;
  return [
    ...undisturbed(morning, lengths),
    first,
    storm,
    water,
    ...undisturbed(farming, lengths).map((one) => cut(one, CUT_REPEAT_MS, alertS + 0.5)),
    siren,
    warning,
    ...undisturbed(offline, lengths),
    // What a kill costs: the guard, the start of the program, the amplifier, up to a second again.
    ...undisturbed(seeds, lengths).map((one) => cut(one, KILL_REPEAT_MS, 4)),
    ...undisturbed(FAREWELL, lengths),
  ];
}

function follow(
  programme: Pick<Expectation, "id" | "title" | "class">,
  media: MediaName,
  start: Start,
  fromS: number,
  lengths: Lengths,
): Expectation {
  return expectation(programme, media, { start, fromS, toS: fromS + lengths[media] });
}

function expectation(
  programme: Pick<Expectation, "id" | "title" | "class">,
  media: MediaName,
  when: Pick<Expectation, "start" | "fromS" | "toS">,
): Expectation {
  const { id, title } = programme;
  return { id: `${id}/${media}`, programme: id, title, class: programme.class, media, cut: null, ...when };
}
