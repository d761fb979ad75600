/** Lets somebody on the spot speak into the station's own microphone, one at a time, where station and province allow it. */
import { randomUUID } from "node:crypto";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { ReadLayer } from "../config/read-layers.ts";
import type { FactBoard } from "../fact-board.ts";
import { type OnUnwritten, orUnwritten } from "../unwritten.ts";
import { pageAnnouncement, pagePolicy } from "./announcement.ts";

interface PagesPorts {
  readonly board: Pick<FactBoard, "facts" | "announce" | "stopAnnouncement">;
  readonly store: Store;
  readonly clock: Clock;
  /** Configuration in force, the broadest layer first. */
  readonly configuration: () => readonly ReadLayer[];
  /** Opens the microphone that station.yaml names, or says why it cannot be; `null` where it names none. */
  readonly microphone: (() => Promise<Refusal | null>) | null;
  /** The journal could not be told of a page. Where it is not given, that is an error. */
  readonly onUnwritten?: OnUnwritten;
}

export class Pages {
  readonly #ports: PagesPorts;

  constructor(ports: PagesPorts) {
    this.#ports = ports;
  }

  /** Gives the identifier of the page, or says why there is none. `by` names the person for the journal. */
  async begin(by: string): Promise<string | Refusal> {
    const { board, configuration, microphone, clock } = this.#ports;
    const policy = pagePolicy(configuration());
    if (policy === null) {
      return refusal("policy", "no signed configuration lets anybody speak here: ask the province for `policy.page`");
    }
    if (microphone === null) return refusal("policy", "station.yaml names no microphone: see `hardware.microphone`");
    const closed = await microphone();
    if (closed !== null) return closed;
    const { standing } = this;
    if (standing !== null) return refusal("policy", `${standing.by} speaks already`);
    const announcement = pageAnnouncement(policy, clock.now(), by, randomUUID().slice(0, 8));
    board.announce(announcement);
    const { id } = announcement;
    await this.#record("page", { by, id, longestMs: policy.policy.longestMs });
    return id;
  }

  /** Who speaks now. */
  get standing(): { readonly id: string; readonly by: string } | null {
    for (const { announcement, ended } of this.#ports.board.facts.announcements) {
      const { id, by } = announcement;
      if (by !== undefined && ended === null) return { id, by };
    }
    return null;
  }

  /** Ends the page that stands; gives its identifier. */
  async stop(by: string): Promise<string | null> {
    const { standing } = this;
    if (standing === null) return null;
    this.#ports.board.stopAnnouncement(standing.id, refusal("released", `ended by ${by}`));
    await this.#record("page-stop", { by, id: standing.id });
    return standing.id;
  }

  /** A page that the disk refuses stands all the same: whoever speaks must be able to end it. */
  async #record(kind: string, body: object): Promise<void> {
    const { store, clock, onUnwritten } = this.#ports;
    await orUnwritten(kind, () => store.record(clock.now(), kind, body, "alarm"), onUnwritten);
  }
}
