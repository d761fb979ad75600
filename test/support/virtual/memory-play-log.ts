/** The play log without a disk; the durable one is tested on its own. */
import type { Refusal } from "../../../playback/model/refusal.ts";
import type {
  OpenSlot,
  PlayLog,
  Segment,
  SlotHeader,
  SlotOutcome,
  SlotProgress,
} from "../../../playback/ports/play-log.ts";

export interface SlotRecord {
  readonly header: SlotHeader;
  readonly outcome: SlotOutcome;
  readonly why: Refusal | null;
  readonly segments: readonly Segment[];
}

export class MemoryPlayLog implements PlayLog {
  readonly records: SlotRecord[] = [];
  readonly #open = new Map<string, { header: SlotHeader; progress: SlotProgress; segments: Segment[] }>();

  begin(header: SlotHeader, progress: SlotProgress): Promise<boolean> {
    if (this.has(header.key)) return Promise.resolve(false);
    this.#open.set(header.key, { header, progress, segments: [] });
    return Promise.resolve(true);
  }
  addSegment(key: string, segment: Segment, progress: SlotProgress): Promise<void> {
    const slot = this.#open.get(key);
    if (slot === undefined) return Promise.reject(new Error(`no open slot ${key}`));
    slot.segments.push(segment);
    slot.progress = progress;
    return Promise.resolve();
  }
  note(key: string, progress: SlotProgress): Promise<void> {
    const slot = this.#open.get(key);
    if (slot !== undefined) slot.progress = progress;
    return Promise.resolve();
  }
  end(header: SlotHeader, outcome: SlotOutcome, why: Refusal | null): Promise<boolean> {
    if (this.records.some((record) => record.header.key === header.key)) return Promise.resolve(false);
    this.records.push({ header, outcome, why, segments: this.#open.get(header.key)?.segments ?? [] });
    this.#open.delete(header.key);
    return Promise.resolve(true);
  }
  open(): Promise<readonly OpenSlot[]> {
    return Promise.resolve([...this.#open.values()]);
  }
  has(key: string): boolean {
    return this.#open.has(key) || this.records.some((record) => record.header.key === key);
  }
}
