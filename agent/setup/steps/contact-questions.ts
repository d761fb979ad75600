/** Which contacts are wired to this board, what each is there for, and on which line or board input: asked one after the other. */

import { hardware as hardwareSchema, outputsOf } from "../../config/hardware-file.ts";
import { CONTACT_PURPOSES, type ContactPurpose } from "../../contacts/purposes.ts";
import type { Pair } from "../../report/words.ts";
import type { Answers } from "../answers.ts";
import { hardwareOf } from "../answers.ts";
import type { Session } from "../session.ts";

type Told = Answers["hardware"];
/** As `station.yaml` writes one. */
type Written = Readonly<Record<string, unknown>>;

export const PURPOSES: Readonly<Record<ContactPurpose, Pair>> = {
  "local-alert": { vi: "khoá báo động tại chỗ", en: "key of the local alert" },
  "emergency-stop": { vi: "khoá dừng khẩn cấp", en: "emergency stop" },
  mute: { vi: "công tắc tắt tiếng", en: "mute switch" },
  page: { vi: "nút nói tại chỗ", en: "push to talk" },
  door: { vi: "cửa tủ", en: "cabinet door" },
  isolator: { vi: "cầu dao cách ly", en: "isolator" },
  mains: { vi: "điện lưới", en: "mains" },
};

/** `23`; `23 low` where low, or an open input, means closed; `23 low up` with the chip's resistor. */
function spotFrom(text: string) {
  const match = /^(\d{1,4})\s*(low|thấp|l)?(?:\s+(up|down|lên|xuống))?$/i.exec(text.trim());
  if (match?.[1] === undefined) return null;
  const [, number, low, pull] = match;
  const bias = pull === undefined ? {} : { bias: /^(up|lên)$/i.test(pull) ? "pull-up" : "pull-down" };
  return { number: Number(number), activeLow: low !== undefined, bias };
}

/** `/dev/ttyUSB0 9600`, `192.168.1.50` or `192.168.1.50:502`. */
function linkFrom(text: string): Written {
  const [where = "", baud = "9600"] = text.trim().split(/\s+/);
  if (where.startsWith("/")) return { kind: "serial", device: where, baud: Number(baud) };
  const [host, port] = where.split(":");
  return { kind: "tcp", host, ...(port === undefined ? {} : { port: Number(port) }) };
}

function linkText({ kind, host, port, device, baud }: Written): string {
  if (kind === "serial") return `${device} ${baud}`;
  return port === undefined ? String(host) : `${host}:${port}`;
}

/** The Modbus board that is known already: of another contact, or the amplifier's. */
function knownBoard(told: Told, contacts: readonly Written[]): Written | undefined {
  const amplifier = told.amplifier as Written | undefined;
  return [...contacts, ...(amplifier === undefined ? [] : [amplifier])].find(({ kind }) => kind === "modbus");
}

async function onModbus({ ui, words }: Session, known: Written | undefined): Promise<Written | null> {
  const before = known === undefined ? "" : linkText(known.link as Written);
  const typed = await ui.ask(words.say("contactBoard"), before);
  const unit = Number(await ui.ask(words.say("contactUnit"), String(known?.unit ?? 1)));
  const spot = spotFrom(await ui.ask(words.say("contactInput"), ""));
  if (spot === null) return null;
  const { number: input, activeLow } = spot;
  const framing = typed === before && known?.framing !== undefined ? { framing: known.framing } : {};
  return { kind: "modbus", link: linkFrom(typed), ...framing, unit, input, activeLow };
}

async function wiringOf(session: Session, told: Told, contacts: readonly Written[]): Promise<Written | null> {
  const { ui, words, found } = session;
  const chips = found.chips.map(({ label, lines }) => `${label} (0–${lines - 1})`);
  const at = await ui.choose(words.say("contactWhere"), [...chips, words.say("contactModbus")], 1);
  if (at === null) return null;
  const chip = found.chips[at]?.label;
  if (chip === undefined) return onModbus(session, knownBoard(told, contacts));
  const spot = spotFrom(await ui.ask(words.say("contactLine"), ""));
  if (spot === null) return null;
  const { number: offset, activeLow, bias } = spot;
  return { kind: "gpio", line: { chip, offset, activeLow, ...bias } };
}

/** An isolator may cut off one of several outputs. */
async function outputOf({ ui, words }: Session, told: Told, does: ContactPurpose): Promise<Written> {
  const outputs = outputsOf({ output: "horn", hardware: hardwareOf({ hardware: told }) }).map(({ name }) => name);
  if (does !== "isolator" || outputs.length === 1) return {};
  const at = await ui.choose(words.say("contactOutput"), outputs, 0);
  return at === null ? {} : { output: outputs[at] };
}

/** A mains contact means nothing without the battery that the station then runs on. */
async function batteryFor({ ui, words }: Session, told: Told, does: ContactPurpose): Promise<Told> {
  if (does !== "mains" || told.battery !== undefined) return told;
  const typed = await ui.ask(words.say("contactBattery"), "");
  const [capacityWh, idleW, playingW] = typed.split(/[\s,;]+/).map(Number);
  return { ...told, battery: { capacityWh, idleW, playingW } };
}

function freeName(does: ContactPurpose, contacts: readonly Written[]): string {
  const taken = new Set(contacts.map(({ name }) => name));
  for (let number = 1; ; number++) {
    const name = number === 1 ? does : `${does}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** One more, or `null` where there is none. What is wrong is said, and nothing is added. */
async function another(session: Session, told: Told): Promise<Told | null> {
  const { ui, words } = session;
  const contacts = (told.contacts ?? []) as readonly Written[];
  const purposes = CONTACT_PURPOSES.map((does) => words.pick(PURPOSES[does]));
  const at = await ui.choose(words.say("contactAdd"), purposes, 0);
  const does = at === null ? undefined : CONTACT_PURPOSES[at];
  if (does === undefined) return null;
  const name = await ui.ask(words.say("contactName"), freeName(does, contacts));
  const wired = await wiringOf(session, told, contacts);
  if (wired === null) {
    ui.say(`  ✗ ${words.say("contactNowhere")}`);
    return told;
  }
  const output = await outputOf(session, told, does);
  const fed = await batteryFor(session, told, does);
  const others = contacts.filter((one) => one.name !== name);
  const meant = { ...fed, contacts: [...others, { name, does, ...wired, ...output }] };
  const parsed = hardwareSchema.safeParse(meant);
  if (parsed.success) return meant;
  for (const { path, message } of parsed.error.issues) ui.say(`  ✗ ${path.join(".")}: ${message}`);
  return told;
}

/** The hardware with the contacts that whoever sits there names. */
export async function askContacts(session: Session): Promise<Told> {
  const { ui, words } = session;
  let told = session.answers.hardware;
  const names = hardwareOf({ hardware: told }).contacts.map(({ name }) => name);
  if (names.length > 0 && !(await ui.confirm(words.say("contactKeep", { names: names.join(", ") }), true))) {
    told = { ...told, contacts: [] };
  }
  for (;;) {
    const more = await another(session, told);
    if (more === null) return told;
    told = more;
  }
}
