/**
 * What one round of an alert is made of: the source's own recordings where they are here, else a siren and the text, spoken; and never silence.
 * Looked at anew before every round, so that a recording that has arrived meanwhile is heard from then on. Pure.
 */
import { timeAt } from "../agenda/zone.ts";
import type { Emergency } from "../model/emergency.ts";
import type { Facts } from "../model/facts.ts";
import type { ApprovedMedia, Item, TextItem } from "../model/schedule.ts";
import { type Millis, SECOND, type Sha256 } from "../model/units.ts";

/** What this station can sound at the moment. */
export interface Means {
  /** Whether the cache holds it, whole. */
  readonly has: (sha256: Sha256) => boolean;
  /** Whether the text may be spoken, and a voice speaks its language. */
  readonly speaks: (text: string, language: string) => boolean;
  /** Whether the live source may be heard: no more is known before it is received. */
  readonly receives: (source: string) => boolean;
}

/** One wail. The words matter more, and follow within 3 s of the first sound. Assumed. */
const SIREN: Millis = 2.5 * SECOND;
const SIGNAL: Millis = 2 * SECOND;

const ISSUED: Record<string, (time: string) => string> = {
  vi: (time) => `Bản tin phát đi lúc ${spoken(time, "giờ")}.`,
  en: (time) => `This message was issued at ${time}.`,
};
const EXERCISE: Record<string, string> = {
  vi: "Đây là diễn tập. Đây là diễn tập.",
  en: "This is an exercise. This is an exercise.",
};

function spoken(time: string, hours: string): string {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return minute === 0 ? `${hour} ${hours}` : `${hour} ${hours} ${minute}`;
}

const primary = (language: string) => language.split("-")[0] ?? language;

function text(id: string, title: string, language: string, words: string): TextItem {
  return { kind: "text", id, title, language, text: words };
}

/** Sentences that the station adds by itself; approved with the alert, because they say only what it says. */
export function addedTexts(alert: Emergency, zone: string): { readonly language: string; readonly text: string }[] {
  const language = primary(alert.language);
  const issued = issuedWords(alert, zone);
  const exercise = EXERCISE[language];
  return [
    ...(issued === null ? [] : [{ language: alert.language, text: issued }]),
    ...(exercise === undefined || alert.status !== "exercise" ? [] : [{ language: alert.language, text: exercise }]),
  ];
}

/** An approved recording for this purpose, in this language where one is asked for, that is here. */
function recorded(use: NonNullable<ApprovedMedia["use"]>, language: string | null, facts: Facts, means: Means) {
  for (const media of facts.approved.values()) {
    const fits = language === null || (media.language !== undefined && primary(media.language) === primary(language));
    if (media.use === use && fits && means.has(media.sha256)) return media;
  }
  return null;
}

const asItem = (id: string, { title, sha256 }: ApprovedMedia): Item => ({ kind: "media", id, title, sha256 });

function siren(facts: Facts, means: Means): Item {
  const own = recorded("siren", null, facts, means);
  return own === null
    ? { kind: "tone", id: "siren", title: "siren", tone: "siren", durationMs: SIREN }
    : asItem("siren", own);
}

/** The alert's text as sound: a voice, else a recorded phrase in its language; `null` where there is neither. */
function warning(alert: Emergency, facts: Facts, means: Means): Item | null {
  if (alert.text !== undefined && means.speaks(alert.text, alert.language)) {
    return text("text", alert.headline, alert.language, alert.text);
  }
  const phrase = recorded("warning", alert.language, facts, means);
  return phrase === null ? null : asItem("phrase", phrase);
}

function isSiren(item: Item, facts: Facts): boolean {
  return item.kind === "tone" || (item.kind === "media" && facts.approved.get(item.sha256)?.use === "siren");
}

/** Whether the item can sound here and now, as far as is known before it is opened. */
function sounds(item: Item, means: Means): boolean {
  if (item.kind === "media") return means.has(item.sha256);
  if (item.kind === "live") return means.receives(item.source);
  return item.kind !== "text" || means.speaks(item.text, item.language);
}

/** Round 0 is the first one. */
export function alertRound(alert: Emergency, round: number, facts: Facts, means: Means): readonly Item[] {
  const own = alert.items.filter((item) => sounds(item, means));
  const whole = own.length === alert.items.length && own.length > 0;
  const replaced = whole ? null : warning(alert, facts, means);
  const signal = whole || own.some((item) => isSiren(item, facts)) ? [] : [siren(facts, means)];
  const body = [...signal, ...own, ...(replaced === null ? [] : [replaced])];
  const lead = body[0] !== undefined && isSiren(body[0], facts) ? 1 : 0;
  return [
    ...exerciseNotice(alert, facts, means),
    ...body.slice(0, lead),
    ...issued(alert, round, facts, means),
    ...body.slice(lead),
  ];
}

/**
 * Whether an alert that has had all its rounds owes one more: a recording of its own was never heard to its end, and all of them are here now.
 * `heard`: what its rounds have sounded whole; `null` where nobody knows any more, and then it owes nothing.
 */
export function owesRound(
  { items, repeat }: Pick<Emergency, "items" | "repeat">,
  heard: readonly Sha256[] | null,
  has: Means["has"],
): boolean {
  const own = items.flatMap((item) => (item.kind === "media" ? [item.sha256] : []));
  const unheard = heard !== null && own.some((sha256) => !heard.includes(sha256));
  return repeat.rounds > 0 && unheard && own.every(has);
}

function issuedWords({ language, sent, issuedAt = sent }: Emergency, zone: string): string | null {
  if (issuedAt === null) return null;
  return ISSUED[primary(language)]?.(timeAt(issuedAt, zone).slice(0, 5)) ?? null;
}

/** On repeats the hour at which it was issued: who hears it late must know. */
function issued(alert: Emergency, round: number, facts: Facts, means: Means): Item[] {
  const words = issuedWords(alert, facts.zone);
  if (round === 0 || words === null || !means.speaks(words, alert.language)) return [];
  return [text("issued", alert.headline, alert.language, words)];
}

/** Nobody may take an exercise for the real thing: it begins with a signal of its own and says so. */
function exerciseNotice(alert: Emergency, facts: Facts, means: Means): Item[] {
  if (alert.status !== "exercise") return [];
  const signal: Item = { kind: "tone", id: "exercise-signal", title: "exercise", tone: "exercise", durationMs: SIGNAL };
  const phrase = recorded("exercise", alert.language, facts, means);
  if (phrase !== null) return [signal, asItem("exercise", phrase)];
  const words = EXERCISE[primary(alert.language)];
  const speaks = words !== undefined && means.speaks(words, alert.language);
  return speaks ? [signal, text("exercise", alert.headline, alert.language, words)] : [signal];
}

/** Whether this alert is no more than a siren here: then somebody must go and tell people. */
export function unspoken(alert: Emergency, facts: Facts, means: Means): boolean {
  return alertRound(alert, 0, facts, means).every((item) => item.kind === "tone" || isSiren(item, facts));
}
