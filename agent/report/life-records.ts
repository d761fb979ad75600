/**
 * Writes down what no document and no slot says: that the agent began and ended, how long nobody was reached, and when the clock's standing
 * changed. From these the report knows its outages. Sparing with the card: a note every five minutes, a record only where something happened.
 */
import { type ClockTrust, clockAllows } from "../../playback/model/clock-trust.ts";
import { type Instant, MINUTE, type Millis, type Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";

const NOTE = "alive";
/** How exactly an outage of the agent is known. */
const NOTE_EVERY: Millis = 5 * MINUTE;
/** Shorter losses of the link are the network's daily life. */
const SHORTEST_LINK_OUTAGE: Millis = MINUTE;
/** A standing must have lasted this long to be worth a record. */
const SETTLED: Millis = MINUTE;

export interface LifePorts {
  readonly store: Pick<Store, "transaction" | "journal" | "notes">;
  readonly clock: Clock;
  readonly session: string;
  readonly version: string;
}

interface AliveNote {
  readonly at: Instant;
  /** It ended as it was asked to. */
  readonly clean: boolean;
}

const wire = (at: Instant) => new Date(at).toISOString();

function aliveNote(noted: unknown): AliveNote | null {
  if (typeof noted !== "object" || noted === null || !("at" in noted) || !("clean" in noted)) return null;
  return typeof noted.at === "number" ? { at: noted.at, clean: noted.clean === true } : null;
}

export class LifeRecords {
  readonly #ports: LifePorts;
  #notedAt: Monotonic = Number.NEGATIVE_INFINITY;
  #linkDown: { readonly at: Instant; readonly since: Monotonic } | null = null;
  #trust: ClockTrust | null = null;
  /** Since when schedules have had to wait for a clock that can be trusted. */
  #blindSince: Monotonic | null = null;
  #changing: { readonly to: ClockTrust; readonly at: Instant; readonly since: Monotonic } | null = null;

  constructor(ports: LifePorts) {
    this.#ports = ports;
  }

  /** The agent is up: says since when it was not. @throws StationError `storage-failed` */
  async started(): Promise<void> {
    const { store, clock, session, version } = this.#ports;
    const noted = aliveNote(store.notes.get(NOTE));
    this.#trust = clock.trust();
    this.#blindSince = clockAllows(this.#trust, "normal") ? null : clock.monotonic();
    const body = {
      ...{ session, version, clock: clock.trust() },
      aliveAt: noted === null ? null : wire(noted.at),
      clean: noted?.clean ?? null,
    };
    await this.#append("started", body, { at: clock.now(), clean: false });
    this.#notedAt = clock.monotonic();
  }

  /** Call it every second or so; `connected` is `null` where there is no broker to reach. @throws StationError `storage-failed`; then the next call tries again */
  async observe(connected: boolean | null): Promise<void> {
    const { store, clock } = this.#ports;
    await this.#link(connected);
    await this.#clock();
    if (clock.monotonic() - this.#notedAt < NOTE_EVERY) return;
    await store.notes.set(null, NOTE, { at: clock.now(), clean: false } satisfies AliveNote);
    this.#notedAt = clock.monotonic();
  }

  /** The agent ends as it was asked to. @throws StationError `storage-failed` */
  async stopped(): Promise<void> {
    const { clock, session } = this.#ports;
    await this.#append("stopped", { session, clock: clock.trust() }, { at: clock.now(), clean: true });
  }

  async #link(connected: boolean | null): Promise<void> {
    const { clock } = this.#ports;
    const [at, since] = [clock.now(), clock.monotonic()];
    if (connected === false) this.#linkDown ??= { at, since };
    if (connected !== true || this.#linkDown === null) return;
    const downMs = since - this.#linkDown.since;
    if (downMs >= SHORTEST_LINK_OUTAGE) {
      // By the clock that never steps: the wall clock may have been put right by the very connection.
      const body = { downAt: wire(at - downMs), upAt: wire(at), downMs: Math.round(downMs), clock: clock.trust() };
      await this.#append("link", body);
    }
    this.#linkDown = null;
  }

  async #clock(): Promise<void> {
    const { clock } = this.#ports;
    const trust = clock.trust();
    const blind = !clockAllows(trust, "normal");
    if (blind) this.#blindSince ??= clock.monotonic();
    if (trust === this.#trust) {
      this.#changing = null;
      if (!blind) this.#blindSince = null;
    } else if (this.#changing?.to !== trust) this.#changing = { to: trust, at: clock.now(), since: clock.monotonic() };
    else if (clock.monotonic() - this.#changing.since >= SETTLED) {
      const { at, since } = this.#changing;
      // By the clock that never steps: the other one was wrong until now.
      const blindMs = blind || this.#blindSince === null ? null : Math.round(since - this.#blindSince);
      await this.#append("clock", { from: this.#trust, to: trust, since: wire(at), blindMs });
      this.#trust = trust;
      this.#changing = null;
      if (!blind) this.#blindSince = null;
    }
  }

  async #append(kind: string, body: object, note?: AliveNote): Promise<void> {
    const { store, clock } = this.#ports;
    await store.transaction(async (tx) => {
      if (note !== undefined) await store.notes.set(tx, NOTE, note);
      await store.journal.append(tx, clock.now(), kind, body, "log");
    });
  }
}
