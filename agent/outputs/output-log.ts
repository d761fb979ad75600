/**
 * The play log as one output sees it. Slots that several outputs play are one record each: the first output's keep their plain key, those of
 * every further one carry its name. So a cluster that never had but one output keeps the keys it always had.
 */
import type { Refusal } from "../../playback/model/refusal.ts";
import type {
  OpenSlot,
  PlayLog,
  Segment,
  SlotHeader,
  SlotOutcome,
  SlotProgress,
} from "../../playback/ports/play-log.ts";

/** Between the plain key of a slot and its key in the log. */
export class OutputKeys {
  readonly name: string;
  readonly #tail: string;

  constructor(name: string, first: boolean) {
    this.name = name;
    this.#tail = first ? "" : ` on ${name}`;
  }

  written(key: string): string {
    return `${key}${this.#tail}`;
  }

  /** `null` where another output wrote it. What an older version wrote names none, and is the first one's. */
  plain(written: string, output: string | undefined): string | null {
    if (this.#tail === "") return output === undefined || output === this.name ? written : null;
    return output === this.name && written.endsWith(this.#tail) ? written.slice(0, -this.#tail.length) : null;
  }
}

export class OutputLog implements PlayLog {
  readonly #inner: PlayLog;
  readonly #keys: OutputKeys;

  constructor(inner: PlayLog, keys: OutputKeys) {
    this.#inner = inner;
    this.#keys = keys;
  }

  begin(header: SlotHeader, progress: SlotProgress): Promise<boolean> {
    return this.#inner.begin(this.#written(header), progress);
  }
  addSegment(key: string, segment: Segment, progress: SlotProgress): Promise<void> {
    return this.#inner.addSegment(this.#keys.written(key), segment, progress);
  }
  note(key: string, progress: SlotProgress): Promise<void> {
    return this.#inner.note(this.#keys.written(key), progress);
  }
  end(header: SlotHeader, outcome: SlotOutcome, why: Refusal | null): Promise<boolean> {
    return this.#inner.end(this.#written(header), outcome, why);
  }
  has(key: string): boolean {
    return this.#inner.has(this.#keys.written(key));
  }

  /** Only its own. */
  async open(): Promise<readonly OpenSlot[]> {
    return (await this.#inner.open()).flatMap((slot) => {
      const key = this.#keys.plain(slot.header.key, slot.header.output);
      return key === null ? [] : [{ ...slot, header: { ...slot.header, key } }];
    });
  }

  #written(header: SlotHeader): SlotHeader {
    return { ...header, key: this.#keys.written(header.key), output: this.#keys.name };
  }
}
