/**
 * PJLink class 1: lines of ASCII that end with a carriage return. Pure.
 * Source: JBMIA, PJLink Specifications version 1.00 (class 1), whose example of the digest is a test vector.
 */
import { createHash } from "node:crypto";
import type { DisplayFault } from "../../../playback/ports/display-controller.ts";
import type { Taken } from "../../bus/connection.ts";
import { Refused, shown, WireFault } from "../../bus/wire-fault.ts";

export const PJLINK_PORT = 4352;

/** Source: class 1, a reply is at most 136 bytes with its end. */
const LONGEST = 136;

/** One line without its end. @throws WireFault where none ends within the longest that there is */
export function takeLine(bytes: Buffer): Taken<string> {
  const end = bytes.indexOf(0x0d);
  if (end < 0 ? bytes.length >= LONGEST : end >= LONGEST) {
    throw new WireFault(`${shown(bytes)} is no line of PJLink`);
  }
  if (end < 0) return { used: 0, message: null };
  // Assumed: some end a line with CR LF, so the LF of the one before may stand first.
  return { used: end + 1, message: bytes.toString("latin1", 0, end).replace(/^\n/, "") };
}

/** The challenge of a controller with a password, `null` of one without. @throws WireFault */
export function parseGreeting(line: string): string | null {
  if (line === "PJLINK 0") return null;
  const challenge = /^PJLINK 1 ([0-9a-zA-Z]{1,64})$/.exec(line)?.[1];
  if (challenge === undefined) throw new WireFault(`${shown(Buffer.from(line, "latin1"))} is no greeting of PJLink`);
  return challenge;
}

/** What goes before the first command. MD5, because the standard says so: it keeps nobody out who can listen. */
export function digestOf(challenge: string, password: string): string {
  return createHash("md5").update(`${challenge}${password}`).digest("hex");
}

export type PjlinkCode = "POWR" | "AVMT" | "ERST" | "INF1" | "INF2" | "INFO" | "INPT" | "LAMP" | "NAME" | "CLSS";

/** `value` `?` asks. */
export function encodeCommand(code: PjlinkCode, value: string, digest = ""): Buffer {
  return Buffer.from(`${digest}%1${code} ${value}\r`, "latin1");
}

/** The value of a reply to `code`, `null` of another line. @throws WireFault for a wrong password; Refused for ERR1 to ERR4 */
export function parseReply(line: string, code: PjlinkCode): string | null {
  if (/^PJLINK ERRA$/i.test(line)) throw new WireFault("it does not accept the password");
  const [, said, value] = /^%1([0-9A-Z]{4})=(.*)$/i.exec(line) ?? [];
  if (said?.toUpperCase() !== code || value === undefined) return null;
  const error = ERRORS[value.toUpperCase()];
  if (error !== undefined) throw new Refused(`it answers ${code} with ${error}`);
  return value;
}

const ERRORS: Readonly<Record<string, string>> = {
  ERR1: "ERR1: it does not know this command",
  ERR2: "ERR2: this value is not for it",
  ERR3: "ERR3: not at this time (it may be warming up, cooling or in standby)",
  ERR4: "ERR4: it is broken",
};

const PARTS = ["fan", "lamp", "temperature", "cover", "filter", "other"] as const;

/** The six digits of ERST; `null` where they are not. */
export function parseFaults(value: string): readonly DisplayFault[] | null {
  if (!/^[012]{6}$/.test(value)) return null;
  return PARTS.flatMap((part, index) => {
    const digit = value[index];
    return digit === "0" ? [] : [{ part, severity: digit === "1" ? "warning" : "error", at: null }];
  });
}

/** A word from outside for people: printable, at most 64 characters; `null` where nothing is left. */
export function plainText(value: string): string | null {
  const text = value.replace(/[^\x20-\x7e]/g, "").trim();
  return text === "" ? null : text.slice(0, 64);
}
