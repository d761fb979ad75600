/** What is wired: sound card, amplifier lines, microphone, screen; offered from what the board has. */
import { cardWanted, hasCard } from "../../doctor/cards.ts";
import type { Answers } from "../answers.ts";
import { hardwareOf } from "../answers.ts";
import { line, type Session, type Step, well } from "../session.ts";

type Told = Answers["hardware"];
/** As `station.yaml` writes one; what is not asked about (its resistor) stays with it. */
interface Line {
  readonly chip: string;
  readonly offset: number;
  readonly activeLow?: boolean;
}
const LINES = ["power", "mute", "sense", "fault"] as const;
type Amplifier = { readonly kind?: string } & Partial<Record<(typeof LINES)[number], Line>>;
const DEVICE = (id: string) => `plughw:CARD=${id},DEV=0`;

async function soundOf({ ui, words, found }: Session, told: Told): Promise<Told> {
  const playing = found.cards.filter(({ plays }) => plays);
  const sound = (told.sound ?? {}) as { kind?: string; device?: string };
  if (playing.length === 0) return told;
  const wanted = sound.device === undefined ? null : cardWanted(sound.device);
  const known = wanted === null ? -1 : playing.findIndex((card) => hasCard([card], wanted) !== undefined);
  const names = playing.map(({ id, name }) => `${id} (${name})`);
  const chosen = await ui.choose(
    words.say("setupCard"),
    names,
    known < 0 ? (ui.someone && sound.kind !== "none" ? 1 : 0) : known + 1,
  );
  const card = chosen === null ? undefined : playing[chosen];
  const { kind: _, ...rest } = sound;
  return card === undefined ? told : { ...told, sound: { ...rest, device: DEVICE(card.id) } };
}

/** `17` on the chosen chip, `17 low` for active-low, `gpio-b:17` on another one; nothing where it is not wired. */
function lineFrom(text: string, chosen: string): Line | null {
  const match = /^(?:(.+):)?(\d{1,4})\s*(low|thấp|l)?$/i.exec(text.trim());
  if (match?.[2] === undefined) return null;
  const [, chip = chosen, offset, low] = match;
  return { chip, offset: Number(offset), activeLow: low !== undefined };
}
function written(one: Line | undefined, chosen: string): string {
  if (one === undefined) return "";
  const { chip, offset, activeLow } = one;
  return `${chip === chosen ? "" : `${chip}:`}${offset}${activeLow === true ? " low" : ""}`;
}

async function amplifierOf({ ui, words, found }: Session, told: Told): Promise<Told> {
  const { kind = "none", power, mute, sense, fault, ...rest } = (told.amplifier ?? {}) as Amplifier;
  // What is not on GPIO lines is a file's business.
  if (!ui.someone || (kind !== "gpio" && kind !== "none") || found.chips.length === 0) return told;
  const labels = found.chips.map(({ label, lines }) => `${label} (0–${lines - 1})`);
  const before = found.chips.findIndex(({ label }) => label === power?.chip);
  const at = await ui.choose(words.say("setupChip"), labels, before < 0 ? 1 : before + 1);
  const chip = at === null ? undefined : found.chips[at]?.label;
  if (chip === undefined) return { ...told, amplifier: { kind: "none" } };
  const lines: Partial<Record<(typeof LINES)[number], Line>> = {};
  for (const name of LINES) {
    const wired = { power, mute, sense, fault }[name];
    // Those on the chip of the power line go with it to the chosen one; a line on another chip stays there.
    const suggested = wired !== undefined && wired.chip === power?.chip ? { ...wired, chip } : wired;
    const one = lineFrom(await ui.ask(words.say("setupLine", { line: name }), written(suggested, chip)), chip);
    if (one !== null) lines[name] = { ...wired, ...one };
  }
  return { ...told, amplifier: lines.power === undefined ? { kind: "none" } : { ...rest, kind: "gpio", ...lines } };
}

async function earOf({ ui, words, found }: Session, told: Told): Promise<Told> {
  const hearing = found.cards.filter(({ captures }) => captures);
  if (!ui.someone || hearing.length === 0) return told;
  const names = hearing.map(({ id, name }) => `${id} (${name})`);
  const chosen = await ui.choose(words.say("setupEar"), names, told.ear === undefined ? 0 : 1);
  const card = chosen === null ? undefined : hearing[chosen];
  if (card !== undefined) return { ...told, ear: { kind: "alsa", device: DEVICE(card.id) } };
  const { ear: _, ...rest } = told;
  return rest;
}

async function boardOf({ ui, words, found }: Session, told: Told): Promise<Told> {
  const lit = found.connectors.filter(({ connected, modes }) => connected && modes.length > 0);
  if (!ui.someone || lit.length === 0 || told.board !== undefined) return told;
  const names = lit.map(({ name, modes: [best] }) => `${name} ${best?.width}×${best?.height}`);
  const chosen = await ui.choose(words.say("setupScreen"), names, 0);
  const one = chosen === null ? undefined : lit[chosen];
  const [best] = one?.modes ?? [];
  if (one === undefined || best === undefined) return told;
  const screen = { ...best, kiosk: { connector: one.name } };
  return { ...told, board: { screen, faces: [{ name: "mat-a", at: { x: 0, y: 0, ...best } }] } };
}

export const hardware: Step = {
  name: "hardware",
  async run(session) {
    const { found } = session;
    let told = session.answers.hardware;
    for (const one of [soundOf, amplifierOf, earOf, boardOf]) told = await one(session, told);
    const meant = hardwareOf({ hardware: told });
    session.answers = { ...session.answers, hardware: told };
    const list = (values: readonly string[]) => values.join(", ") || "—";
    const { amplifier } = meant;
    const lines = amplifier.kind === "gpio" ? `${amplifier.power.chip}:${amplifier.power.offset}` : amplifier.kind;
    return well(
      line("Chip GPIO", "GPIO chips", list([...found.chips.map(({ label }) => label), ...found.devices])),
      line("Card âm thanh", "Sound cards", list(found.cards.map(({ id }) => id))),
      line(
        "Cổng màn hình",
        "Connectors",
        list(found.connectors.map(({ name, connected }) => `${name}${connected ? " ✓" : ""}`)),
      ),
      line("Modem", "Modem", list(found.modems)),
      line("Đồng hồ RTC", "RTC", found.rtc ? "✓" : "✗"),
      line("Dùng card", "Card in use", meant.sound.kind === "none" ? "none" : (meant.sound.device ?? "default")),
      line("Tăng âm", "Amplifier", lines),
    );
  },
};
