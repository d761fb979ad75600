/**
 * What lies in the cache against what it may take: who leaves, and whether there is room. Invariants: what is playing, pinned, or needed in
 * the next days never leaves; while nobody has said what is needed, or nothing is approved, nothing leaves but what no approval names.
 */
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import type { CacheRules } from "./cache-rules.ts";
import { isEssential, type Needs, type Shelf } from "./fetch-queue.ts";
import type { ObjectStore } from "./object-store.ts";

/** Beyond the reserve, for what nobody needs. */
const SLACK_BYTES = 32_000_000;

export interface StockPorts {
  readonly objects: ObjectStore;
  readonly free: () => Promise<number>;
  readonly rules: () => CacheRules;
  readonly needs: () => Needs;
  readonly approved: () => ReadonlyMap<Sha256, ApprovedMedia>;
  /** What somebody reads, or writes, at this moment. */
  readonly inUse: () => ReadonlySet<Sha256>;
  readonly onEvicted: (sha256: Sha256, bytes: number) => void;
}

/** Something that may leave. */
interface Victim {
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly partial: boolean;
}

export interface Measure extends Shelf {
  readonly used: number;
  readonly free: number;
  /** In the order in which they leave. */
  readonly victims: readonly Victim[];
  readonly partials: ReadonlyMap<Sha256, number>;
}

export class Stock {
  readonly #ports: StockPorts;

  constructor(ports: StockPorts) {
    this.#ports = ports;
  }

  async measure(): Promise<Measure> {
    const { objects, rules } = this.#ports;
    const { quotaBytes, reserveBytes } = rules();
    const [partials, free] = [await objects.partials(), await this.#ports.free()];
    const used = total(objects.list().map(({ bytes }) => bytes)) + total([...partials.values()]);
    const victims = this.#victims(partials);
    const loose = total(victims.map(({ bytes }) => bytes));
    const within = (reserve: number) => Math.max(0, Math.min(quotaBytes, used + free - reserve));
    // What is being fetched is promised its whole size: its unfinished file counts nowhere else.
    const kept =
      total(objects.list().map(({ bytes }) => bytes)) - total(victims.map((one) => (one.partial ? 0 : one.bytes)));
    const [capacity, spareCapacity] = [within(reserveBytes), within(reserveBytes + SLACK_BYTES)];
    return { capacity, spareCapacity, kept, loose, used, free, victims, partials };
  }

  /** Lets go what is beyond quota and reserve, as far as it may leave. */
  async trim(): Promise<void> {
    const measure = await this.measure();
    await this.#evict(measure.victims, measure.used - measure.capacity);
  }

  /** Makes room for one more, evicting where it is needed. False, and nothing left, where that is not enough. */
  async makeRoom(media: ApprovedMedia): Promise<boolean> {
    const measure = await this.measure();
    const own = measure.partials.get(media.sha256) ?? 0;
    const essential = isEssential(media, this.#ports.needs());
    const capacity = essential ? measure.capacity : measure.spareCapacity;
    const over = measure.used - own + media.sizeBytes - capacity;
    if (over <= 0) return true;
    const victims = measure.victims.filter(({ sha256 }) => sha256 !== media.sha256);
    if (!essential || total(victims.map(({ bytes }) => bytes)) < over) return false;
    await this.#evict(victims, over);
    return true;
  }

  async #evict(victims: readonly Victim[], bytes: number): Promise<void> {
    const { objects, onEvicted } = this.#ports;
    let over = bytes;
    for (const victim of victims) {
      if (over <= 0) return;
      // Somebody may have opened it since it was looked at.
      if (this.#ports.inUse().has(victim.sha256)) continue;
      if (victim.partial) await objects.removePartial(victim.sha256);
      else await objects.remove(victim.sha256);
      onEvicted(victim.sha256, victim.bytes);
      over -= victim.bytes;
    }
  }

  /** Unfinished files first, then what no approval names, then what was used the longest ago. */
  #victims(partials: ReadonlyMap<Sha256, number>): Victim[] {
    const { objects } = this.#ports;
    const approved = this.#ports.approved();
    if (approved.size === 0) return [];
    const inUse = this.#ports.inUse();
    const needs = this.#ports.needs();
    const leaves = (sha256: Sha256) => {
      const media = approved.get(sha256);
      return !inUse.has(sha256) && (media === undefined || !isEssential(media, needs));
    };
    const unfinished = [...partials].filter(([sha256]) => leaves(sha256));
    const whole = objects.list().filter(({ sha256 }) => leaves(sha256));
    const byUse = [...whole].sort(
      (a, b) => Number(approved.has(a.sha256)) - Number(approved.has(b.sha256)) || a.used - b.used,
    );
    return [
      ...unfinished.map(([sha256, bytes]) => ({ sha256, bytes, partial: true })),
      ...byUse.map(({ sha256, bytes }) => ({ sha256, bytes, partial: false })),
    ];
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
