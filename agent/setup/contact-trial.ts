/** Whether a contact really moves: a hand moves it to the other side and back, and the driver must say so, steadily, within a time. */
import type { Millis } from "../../playback/model/units.ts";
import type { Contact } from "../../playback/ports/contact.ts";
import { contactAfter, UNSEEN } from "../contacts/debounce.ts";

export interface ContactHands {
  /** As for the agent: it counts when it has been so for this long without a break. */
  readonly steadyMs: Millis;
  readonly everyMs: Millis;
  /** For each movement. */
  readonly withinMs: Millis;
  /** Asks for the hand, and says that it goes now; false: this contact is left out. */
  readonly ready: (closed: boolean) => Promise<boolean>;
  /** It moved; now it is to go back to where it was. */
  readonly moved: (closed: boolean) => void;
  /** @throws where nobody waits any more */
  readonly pause: (ms: Millis) => Promise<void>;
  readonly monotonic: () => number;
}

export interface ContactTrial {
  /** `untested`: left out. `restless`: it never held still. `stuck`: it did not move, or not back. */
  readonly verdict: "well" | "untested" | "restless" | "stuck";
  /** What counted, in order: whether it was closed. */
  readonly seen: readonly boolean[];
}

/** The contact is open. @throws StationError where it cannot be read; whatever `pause` throws */
export async function tryContact(contact: Contact, hands: ContactHands): Promise<ContactTrial> {
  const found = await settled(contact, null, hands);
  if (found === null) return { verdict: "restless", seen: [] };
  if (!(await hands.ready(found))) return { verdict: "untested", seen: [found] };
  if ((await settled(contact, !found, hands)) === null) return { verdict: "stuck", seen: [found] };
  hands.moved(!found);
  if ((await settled(contact, found, hands)) === null) return { verdict: "stuck", seen: [found, !found] };
  return { verdict: "well", seen: [found, !found, found] };
}

/** Waits until it counts as wanted, or as anything; `null` where it does not in time. */
async function settled(contact: Contact, wanted: boolean | null, hands: ContactHands): Promise<boolean | null> {
  const { steadyMs, everyMs, withinMs, pause, monotonic } = hands;
  const end = monotonic() + withinMs;
  for (let state = UNSEEN; monotonic() <= end; await pause(everyMs)) {
    const closed = await contact.read();
    const moved = (await contact.moved?.()) ?? false;
    state = contactAfter(state, closed, monotonic(), steadyMs, moved).state;
    if (state.closed !== null && (wanted === null || state.closed === wanted)) return state.closed;
  }
  return null;
}
