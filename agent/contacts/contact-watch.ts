/** Reads the contacts of this cluster some times a second and does what each is there for. */
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis, Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Contact } from "../../playback/ports/contact.ts";
import { type ContactHappening, type ContactState, contactAfter, UNSEEN } from "./debounce.ts";
import { type ContactPurpose, type ContactView, type HandPurpose, isWatch, type WatchPurpose } from "./purposes.ts";
import { dueAfter, type Telling, UNTOLD } from "./telling.ts";
import { byContact } from "./use-contact.ts";

export interface WatchedContact {
  readonly contact: Contact;
  readonly does: ContactPurpose;
  /** A contact bounces, and a wet cable flickers: it must be steady for so long. */
  readonly steadyMs: Millis;
  /** See `ContactView`. */
  readonly output?: string | undefined;
  /** Default 100. */
  readonly readEveryMs?: Millis | undefined;
}

/** What is written down of a watched contact. */
export interface ContactMoved {
  readonly does: WatchPurpose;
  readonly contact: string;
  readonly output?: string | undefined;
  readonly state: "open" | "closed";
  /** Since when. */
  readonly since: string;
  /** Movements since the last record of it, this one among them. */
  readonly moves: number;
}

export interface ContactWatchPorts {
  readonly clock: Clock;
  /** `by` names the contact for the journal. @throws StationError */
  readonly act: (does: HandPurpose, happened: Exclude<ContactHappening, null>, by: string) => Promise<void>;
  /** A watched contact moved. @throws StationError */
  readonly tell: (moved: ContactMoved) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

const READ_EVERY: Millis = 100;
const REOPEN_EVERY: Millis = 5_000;
const UNREAD = { closed: null, moved: false } as const;

interface Watched extends WatchedContact {
  state: ContactState;
  telling: Telling;
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
      telling: UNTOLD,
      isOpen: false,
      retryAt: Number.NEGATIVE_INFINITY,
      problem: null,
    }));
  }

  /** Contacts that cannot be read, and those that are closed without anybody having closed them. */
  get problems(): string[] {
    return this.#contacts.flatMap(({ contact: { name }, does, problem, state }) => {
      if (problem !== null) return [problem];
      return state.stuck && !isWatch(does) ? [`'${name}' has been closed since the agent started`] : [];
    });
  }

  /** All of them, as they count now. */
  get contacts(): ContactView[] {
    return this.#contacts.map(({ contact: { name }, does, output, state: { closed }, problem }) => ({
      ...{ name, does, output, closed },
      readable: problem === null,
    }));
  }

  /** Whether a hand holds one of this purpose closed. */
  isHeld(does: HandPurpose): boolean {
    return this.#contacts.some((one) => one.does === does && one.state.closed === true && !one.state.stuck);
  }

  /** Runs until the signal; each contact for itself, so that one on a slow bus holds up no other. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#contacts.map((one) => this.#watch(one, signal)));
  }

  async #watch(one: Watched, signal: AbortSignal): Promise<void> {
    const { clock, onFault } = this.#ports;
    while (!signal.aborted) {
      const { closed, moved } = await this.#read(one);
      const { state, happened } = contactAfter(one.state, closed, clock.monotonic(), one.steadyMs, moved);
      one.state = state;
      await this.#do(one, happened).catch(onFault);
      await clock.wait(one.readEveryMs ?? READ_EVERY, signal);
    }
    await one.contact.close();
  }

  async #do(one: Watched, happened: ContactHappening): Promise<void> {
    const { does, contact } = one;
    if (isWatch(does)) return this.#tell(one, does, happened !== null);
    if (happened !== null) await this.#ports.act(does, happened, byContact(contact.name));
  }

  async #tell(one: Watched, does: WatchPurpose, moved: boolean): Promise<void> {
    const { clock, tell } = this.#ports;
    const { state, contact, output } = one;
    const { telling, due } = dueAfter(one.telling, moved, clock.monotonic());
    one.telling = telling;
    if (due === 0) return;
    const since = new Date(clock.now() - (clock.monotonic() - state.since)).toISOString();
    try {
      await tell({
        ...{ does, contact: contact.name, ...(output === undefined ? {} : { output }) },
        ...{ state: state.closed === true ? "closed" : "open", since, moves: due },
      });
    } catch (error) {
      // Told with the next.
      one.telling = { ...telling, moves: due };
      throw error;
    }
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
