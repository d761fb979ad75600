/** One picture of `loa top`: what the station does, on a terminal of any width from 60 cells. Pure. */
import { isTrusted } from "../../../playback/model/clock-trust.ts";
import type { FacesView } from "../../board/faces-view.ts";
import type { OutputView, StatusView } from "../../control/views.ts";
import { CONCERN_KINDS } from "../../health/concerns.ts";
import { cut, fitted, plain, wrapped } from "../plain-text.ts";
import { CLASS_WORDS, SEVERITY_WORDS, TRUST_WORDS, type Words } from "../words.ts";

export interface FrameFacts {
  readonly status: StatusView;
  readonly faces: FacesView | null;
}

export interface FrameOptions {
  readonly words: Words;
  readonly columns: number;
  /** Colours a text: alarm, good, dim, strong. */
  readonly paint: (style: "bad" | "good" | "dim" | "bold", text: string) => string;
}

const NARROWEST = 60;
/** Below this nothing is drawn of a level. */
const QUIETEST_DB = -60;
const clock = (ms: number) => {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

/** `█████░░░`; the share is kept within 0…1. */
export function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

export function frame({ status, faces }: FrameFacts, options: FrameOptions): string[] {
  const columns = Math.max(NARROWEST, options.columns);
  const { words, paint } = options;
  const rule = paint("dim", "─".repeat(columns));
  return [
    ...head(status, columns, options),
    rule,
    ...status.outputs.flatMap((one) => output(one.name, one, columns, options)),
    ...status.emergencies.map(({ identifier, headline }) =>
      paint("bad", cut(`${words.say("emergencies")}: ${plain(headline)} (${plain(identifier)})`, columns)),
    ),
    rule,
    cut(
      `${words.say("media")} ${status.media.present}/${status.media.known} · ${words.say("journal")} ${status.journal.count} · ↑ ${status.outbox.rows}`,
      columns,
    ),
    ...(faces?.faces ?? []).map((face) => {
      const lit = face.light.lit ? `${face.light.percent} %` : words.say("faceDark");
      const sure = face.unconfirmedMs === null || face.unconfirmedMs < 3_000;
      const line = `${sure ? "▣" : "✗"} ${face.name} ${face.size.width}×${face.size.height} ${lit} · ${plain(face.title)}`;
      return sure ? cut(line, columns) : paint("bad", cut(line, columns));
    }),
    rule,
    ...concerns(status.concerns, columns, options),
  ];
}

function head(status: FrameFacts["status"], columns: number, { words, paint }: FrameOptions): string[] {
  const time = words.time(status.clock.now);
  const name = `Loa ${status.version}  ${status.station} · ${status.commune}`;
  const { trust } = status.clock;
  const sure = isTrusted(trust);
  const time2 = `${words.say("clock")} ${words.pick(TRUST_WORDS[trust], trust)}`;
  const link = status.link.connected ? words.say("connected") : words.say("offline");
  const line = `${fitted(time2, Math.floor(columns * 0.4))}${words.say("link")} ${link}`;
  return [
    paint("bold", fitted(name, columns - time.length) + time),
    ...(status.safeMode.on ? [paint("bad", cut(words.say("safeModeShort"), columns))] : []),
    ...(status.muted ? [paint("bad", cut(words.say("muted"), columns))] : []),
    paint(sure && status.link.connected ? "good" : "bad", cut(line, columns)),
  ];
}

function output(name: string, view: OutputView, columns: number, { words, paint }: FrameOptions): string[] {
  const { onAir, over, sound, volume, amplifier, next, waiting } = view;
  const label = (text: string) => fitted(text, 10);
  const inner = columns - 10;
  const said = (one: NonNullable<OutputView["onAir"]>) =>
    plain(`${one.title}${one.item === null ? "" : ` — ${one.item}`} [${words.pick(CLASS_WORDS[one.class])}]`);
  const lines = [
    onAir === null
      ? `${label(name)}${paint("dim", words.say("silence"))}`
      : `${label(name)}${paint("bold", cut(`▶ ${said(onAir)}`, inner))}`,
  ];
  if (over !== null) lines.push(`${label("")}${cut(`${words.say("over")}: ${said(over)}`, inner)}`);
  if (onAir !== null && onAir.positionMs !== null) {
    const { positionMs, durationMs } = onAir;
    const times = `${clock(positionMs)} / ${durationMs === null ? "—" : clock(durationMs)}`;
    const width = inner - times.length - 1;
    lines.push(`${label("")}${bar(durationMs === null ? 0 : positionMs / durationMs, width)} ${times}`);
  }
  const level = sound.rms === null ? "−∞ dBFS" : `${sound.rms.toFixed(1)} dBFS`;
  const share = sound.rms === null ? 0 : (sound.rms - QUIETEST_DB) / -QUIETEST_DB;
  const loud = bar(share, Math.max(8, Math.min(24, inner - 46)));
  const rest = ` ${level} · ${words.say("volume")} ${volume.percent} % · ${amplifier.phase}`;
  lines.push(cut(`${label(sound.state)}${loud}${rest}`, columns));
  for (const one of waiting.slice(0, 2))
    lines.push(cut(`${label("")}${words.say("waiting")}: ${plain(one.title)}`, columns));
  const [soon] = next;
  if (soon !== undefined) {
    lines.push(
      cut(`${label("")}${words.say("next")}: ${words.time(soon.at).slice(5, 16)} ${plain(soon.title)}`, columns),
    );
  }
  return lines;
}

function concerns(list: StatusView["concerns"], columns: number, { words, paint }: FrameOptions): string[] {
  if (list.length === 0) return [paint("good", words.say("allWell"))];
  return list.flatMap(({ code, severity }) => {
    const [first = "", ...more] = wrapped(words.pick(CONCERN_KINDS[code]), columns - 4);
    const style = severity === "critical" ? "bad" : severity === "warning" ? "bold" : "dim";
    const title = cut(`✗ ${words.pick(SEVERITY_WORDS[severity])} · ${code}`, columns);
    return [paint(style, title), ...[first, ...more].map((line) => `    ${line}`)];
  });
}
