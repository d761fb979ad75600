/** The shape of a CLI command, and the exit codes that scripts may rely on (BSD sysexits). */
import type { Words } from "./words.ts";

export const EXIT = {
  ok: 0,
  concern: 1,
  usage: 64,
  data: 65,
  unavailable: 69,
  software: 70,
  noPermission: 77,
  config: 78,
} as const;

export interface Invocation {
  /** What stood after the command's name. */
  readonly args: readonly string[];
  readonly flags: Flags;
  readonly words: Words;
  readonly print: (text: string) => void;
  /** Asks the running agent, and waits 10 s for its answer or as long as told. @throws DaemonDown, Refused */
  readonly ask: (method: "GET" | "POST", path: string, body?: object, timeoutMs?: number) => Promise<unknown>;
}

export interface Flags {
  readonly json: boolean;
  readonly config: string;
  readonly socket: string | null;
  readonly at: string | null;
  readonly days: string | null;
  readonly limit: string | null;
  readonly token: string | null;
  readonly replace: string | null;
  readonly state: string | null;
  readonly yes: boolean;
  readonly verify: boolean;
  readonly month: string | null;
  readonly csv: boolean;
  /** Where the page goes. */
  readonly html: string | null;
  /** How many times faster than real time, or `max`. */
  readonly speed: string | null;
  readonly warnings: boolean;
  /** What a test hears now is how it should be. */
  readonly baseline: boolean;
  /** Of a bridge: address, codec, bit rate, and where the description of its stream goes. */
  readonly to: string | null;
  readonly format: string | null;
  readonly kbps: string | null;
  readonly sdp: string | null;
  /** What a face shows to be looked at, and for how long. */
  readonly pattern: string | null;
  readonly seconds: string | null;
  /** One picture, then the end. */
  readonly once: boolean;
  /** From when on a log is wanted, and whether what comes is wanted too. */
  readonly since: string | null;
  readonly follow: boolean;
  /** The file whose answers a set-up takes. */
  readonly from: string | null;
}

export interface CliCommand {
  readonly usage: string;
  readonly help: { readonly vi: string; readonly en: string };
  /** @returns the exit code */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** A mistake in how the command was called. */
export class UsageError extends Error {}
/** Nobody answers on the socket. */
export class DaemonDown extends Error {}
/** The agent refused the request; the message is its reason. */
export class Refused extends Error {}
