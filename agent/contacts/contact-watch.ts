/** Reads the contacts of this cluster ten times a second and does what each is there for. */
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis, Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Contact } from "../../playback/ports/contact.ts";
import { type ContactHappening, type ContactState, contactAfter, UNSEEN } from "./debounce.ts";

export const CONTACT_PURPOSES = ["local-alert", "emergency-stop", "mute", "page"] as const;
export type ContactPurpose = (typeof CONTACT_PURPOSES)[number];

export interface WatchedContact {
  readonly contact: Contact;
  readonly does: ContactPurpose;
  /** A contact bounces, and a wet cable flickers: it must be steady for so long. */
  readonly steadyMs: Millis;
}

export interface ContactWatchPorts {
  readonly clock: Clock;
  /** `by` names the contact for the journal. @throws StationError */
  readonly act: (does: ContactPurpose, happened: Exclude<ContactHappening, null>, by: string) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

const READ_EVERY: Millis = 100;
const REOPEN_EVERY: Millis = 5_000;
const UNREAD = { closed: null, moved: false } as const;

interface Watched extends WatchedContact {
  state: ContactState;
  isOpen: boolean;
  retryAt: Monotonic;
  problem: string | null;
}

export class ContactWatch {
  readonly #contacts: readonly Watched[];
  readonly #ports: ContactWatchPorts;

  constructor(contacts: readonly WatchedContact[], ports: ContactWatchPorts) {
    this.#ports = ports;
    this.#contacts = contacts.map((one) => ({
      ...one,
      state: UNSEEN,
      isOpen: false,
      retryAt: Number.NEGATIVE_INFINITY,
      problem: null,
    }));
  }

  /** Contacts that cannot be read, and those that are closed without anybody having closed them. */
  get problems(): string[] {
    return this.#contacts.flatMap(({ contact: { name }, problem, state }) => {
      if (problem !== null) return [problem];
      return state.stuck ? [`'${name}' has been closed since the agent started`] : [];
    });
  }

  /** Runs until the signal; each contact for itself, so that one on a slow bus holds up no other. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#contacts.map((one) => this.#watch(one, signal)));
  }

  async #watch(one: Watched, signal: AbortSignal): Promise<void> {
    const { clock, act, onFault } = this.#ports;
    while (!signal.aborted) {
      const { closed, moved } = await this.#read(one);
      const { state, happened } = contactAfter(one.state, closed, clock.monotonic(), one.steadyMs, moved);
      one.state = state;
      if (happened !== null) await act(one.does, happened, `contact ${one.contact.name}`).catch(onFault);
      await clock.wait(READ_EVERY, signal);
    }
    await one.contact.close();
  }

  async #read(one: Watched): Promise<{ readonly closed: boolean | null; readonly moved: boolean }> {
    const now = this.#ports.clock.monotonic();
    if (!one.isOpen && now < one.retryAt) return UNREAD;
    try {
      if (!one.isOpen) await one.contact.open();
      one.isOpen = true;
      const closed = await one.contact.read();
      const moved = (await one.contact.moved?.()) ?? false;
      one.problem = null;
      return { closed, moved };
    } catch (error) {
      if (!(error instanceof StationError)) throw error;
      one.isOpen = false;
      one.retryAt = now + REOPEN_EVERY;
      one.problem = error.message;
      return UNREAD;
    }
  }
}
