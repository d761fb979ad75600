/**
 * What contacts are there for. A hand closes the first kind, and something is done; the second kind watches over the place: it is closed while all
 * is well (door shut, isolator closed, mains there), so that a wire that is cut tells too. Pure.
 */

export const HAND_PURPOSES = ["local-alert", "emergency-stop", "mute", "page"] as const;
export type HandPurpose = (typeof HAND_PURPOSES)[number];

export const WATCH_PURPOSES = ["door", "isolator", "mains"] as const;
export type WatchPurpose = (typeof WATCH_PURPOSES)[number];

export const CONTACT_PURPOSES = [...HAND_PURPOSES, ...WATCH_PURPOSES] as const;
export type ContactPurpose = (typeof CONTACT_PURPOSES)[number];

export function isWatch(does: ContactPurpose): does is WatchPurpose {
  return (WATCH_PURPOSES as readonly string[]).includes(does);
}

/** A contact as it counts now. */
export interface ContactView {
  readonly name: string;
  readonly does: ContactPurpose;
  /** Of an isolator: what it cuts off; all outputs where it names none. */
  readonly output: string | undefined;
  /** `null` before anything counted. While it cannot be read, what counted last. */
  readonly closed: boolean | null;
  readonly readable: boolean;
}

/** Names of watched contacts that are open, which is not well. */
export function openOf(contacts: readonly ContactView[], does: WatchPurpose): string[] {
  return contacts.filter((one) => one.does === does && one.closed === false).map(({ name }) => name);
}

/** Whether a hand has cut this output off. One that can no longer be read is believed as it was: that sound is heard is claimed on no guess. */
export function isIsolated(contacts: readonly ContactView[], output: string): boolean {
  const mine = contacts.filter((one) => one.output === undefined || one.output === output);
  return openOf(mine, "isolator").length > 0;
}

/** Whether the mains is there by the word of the contact for it; `null` where there is none, or it cannot be read now. */
export function mainsByContact(contacts: readonly ContactView[]): boolean | null {
  const said = contacts.flatMap(({ does, readable, closed }) => (does === "mains" && readable ? [closed] : []));
  if (said.includes(false)) return false;
  return said.includes(true) ? true : null;
}
