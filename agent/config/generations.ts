/**
 * Configuration generations, pure: what is in force, what waits for its confirmation, what failed and is not tried again.
 *
 * Invariants: a generation is written as pending before it takes effect; it becomes confirmed only by a signed message that came over the new
 * path, by a technician, or where there is no path at all; otherwise the confirmed one returns, at the deadline or at the first boot that finds
 * it pending.
 * Source: OpenWrt's apply-confirm, Mender's A/B commit.
 */
import { z } from "zod";
import type { Millis, Sha256 } from "../../playback/model/units.ts";
import { parseSha256 } from "../../playback/model/units.ts";
import { sha256Of } from "../sha256.ts";

/** The address of what a technician set on the spot; it is the most specific layer of all. */
export const LOCAL = "local";

const sha256 = z.string().refine((value): value is Sha256 => parseSha256(value) !== null);
const layer = z.object({
  address: z.string(),
  seq: z.int(),
  sha256,
  /** The signed document, base64; of a local layer the JSON of its body. */
  bytes: z.string(),
});
/** One configuration document, byte for byte, so that it passes the door again at every start. */
export type Layer = z.infer<typeof layer>;

const pending = z.object({
  layers: z.array(layer),
  bootId: z.string(),
  /** Since boot. */
  deadline: z.number(),
  /** Starts of the agent that found it pending. */
  starts: z.int(),
});
export const configState = z.object({
  confirmed: z.array(layer),
  /** What was confirmed before; a technician may return to it. */
  previous: z.array(layer).nullable(),
  pending: pending.nullable(),
  /** Digests of documents that were taken back, newest last. */
  failed: z.array(sha256),
});
export type ConfigState = z.infer<typeof configState>;

export const NO_CONFIG: ConfigState = { confirmed: [], previous: null, pending: null, failed: [] };

/** When it is, by the clock that no one can set. */
export interface BootTime {
  readonly bootId: string;
  readonly boottimeMs: Millis;
}

/** A generation that ends the agent this often is as bad as one that cuts it off. */
const MOST_STARTS = 3;
const FAILED_KEPT = 16;

export const inForce = (state: ConfigState): readonly Layer[] => state.pending?.layers ?? state.confirmed;

/** Names a generation; the order of its layers does not matter. `null` for none at all. */
export function digestOf(layers: readonly Layer[]): string | null {
  if (layers.length === 0) return null;
  const names = layers.map(({ address, sha256: digest }) => `${address} ${digest}`).sort();
  return sha256Of(names.join("\n"));
}

/** What should be in force, given the adopted documents: each as it came, or its confirmed predecessor where it failed. */
export function wanted(state: ConfigState, adopted: readonly Layer[]): Layer[] {
  const local = inForce(state).filter(({ address }) => address === LOCAL);
  const remote = adopted.flatMap((document) => {
    if (!state.failed.includes(document.sha256)) return [document];
    const before = state.confirmed.find(({ address }) => address === document.address);
    return before === undefined ? [] : [before];
  });
  return [...remote, ...local];
}

/** The same state where nothing changes; otherwise with the layers pending until `windowMs` from now. */
export function propose(state: ConfigState, layers: readonly Layer[], now: BootTime, windowMs: Millis): ConfigState {
  const digest = digestOf(layers);
  if (digest === digestOf(inForce(state))) return state;
  // Back to what is confirmed is no change that could strand anybody.
  if (digest === digestOf(state.confirmed)) return { ...state, pending: null };
  const deadline = now.boottimeMs + windowMs;
  return { ...state, pending: { layers: [...layers], bootId: now.bootId, deadline, starts: 0 } };
}

export function confirm(state: ConfigState): ConfigState {
  if (state.pending === null) return state;
  return { ...state, confirmed: state.pending.layers, previous: state.confirmed, pending: null };
}

/** The confirmed generation again; what was new is remembered as failed. */
export function revert(state: ConfigState): ConfigState {
  if (state.pending === null) return state;
  const known = new Set(state.confirmed.map((one) => one.sha256));
  const failed = state.pending.layers.map((one) => one.sha256).filter((digest) => !known.has(digest));
  return { ...state, pending: null, failed: [...new Set([...state.failed, ...failed])].slice(-FAILED_KEPT) };
}

/** Why a pending generation must be taken back now, or `null`. */
export function overdue(state: ConfigState, now: BootTime): string | null {
  if (state.pending === null) return null;
  const { bootId, deadline, starts } = state.pending;
  if (bootId !== now.bootId) return "the machine was booted before it was confirmed";
  if (now.boottimeMs >= deadline) return "no signed message confirmed it in time";
  if (starts > MOST_STARTS) return `the agent ended ${starts} times before it was confirmed`;
  return null;
}

/** A start of the agent that finds something pending counts against it. */
export function started(state: ConfigState): ConfigState {
  return state.pending === null ? state : { ...state, pending: { ...state.pending, starts: state.pending.starts + 1 } };
}

/** Proposes what was confirmed before, and never again what is confirmed now. @returns `null` where there was nothing before */
export function rollback(state: ConfigState, now: BootTime, windowMs: Millis): ConfigState | null {
  const base = state.pending === null ? state : revert(state);
  if (state.pending !== null) return base;
  if (base.previous === null) return null;
  const keep = new Set(base.previous.map((one) => one.sha256));
  const failed = base.confirmed.map((one) => one.sha256).filter((digest) => !keep.has(digest));
  return propose({ ...base, failed: [...base.failed, ...failed].slice(-FAILED_KEPT) }, base.previous, now, windowMs);
}
