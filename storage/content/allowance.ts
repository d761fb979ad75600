/**
 * What the cache may do by its rules: what to fetch next, whether there is room for it, whether a download may go on. It joins the rules,
 * what is needed, what lies there and what was spent, and remembers why the rest waits.
 */
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { CacheRules } from "./cache-rules.ts";
import { type Hold, isEssential, type Needs, needOf, queueOf } from "./fetch-queue.ts";
import type { CacheAccount } from "./media-options.ts";
import type { ObjectStore } from "./object-store.ts";
import { type Measure, Stock } from "./stock.ts";
import type { Traffic } from "./traffic.ts";

export interface AllowancePorts {
  readonly objects: ObjectStore;
  readonly traffic: Traffic;
  readonly clock: Clock;
  readonly rules: CacheRules;
  readonly free: () => Promise<number>;
  readonly inUse: () => ReadonlySet<Sha256>;
  readonly onEvicted: (sha256: Sha256, bytes: number) => void;
}

export class Allowance {
  readonly #ports: AllowancePorts;
  readonly #stock: Stock;
  #rules: CacheRules;
  #needs: Needs = null;
  #approved: ReadonlyMap<Sha256, ApprovedMedia> = new Map();
  #held: ReadonlyMap<Sha256, Hold> = new Map();
  #measured: Measure | null = null;

  constructor(ports: AllowancePorts) {
    this.#ports = ports;
    this.#rules = ports.rules;
    const { objects, free, inUse, onEvicted } = ports;
    this.#stock = new Stock({
      ...{ objects, free, inUse, onEvicted },
      rules: () => this.#rules,
      needs: () => this.#needs,
      approved: () => this.#approved,
    });
  }

  get rules(): CacheRules {
    return this.#rules;
  }

  setRules(rules: CacheRules): void {
    this.#rules = rules;
  }
  setNeeds(needs: Needs): void {
    this.#needs = needs;
  }
  setApproved(approved: ReadonlyMap<Sha256, ApprovedMedia>): void {
    this.#approved = approved;
  }

  /** Why an object is not fetched, as was last found. */
  holdOf(sha256: Sha256): Hold | null {
    return this.#held.get(sha256) ?? null;
  }

  /** Lets go what is too much, and says what may be fetched now. @throws StationError, and errors of the file system */
  async queue(): Promise<readonly ApprovedMedia[]> {
    const { objects, traffic, clock } = this.#ports;
    await this.keepBooks();
    await this.#stock.trim();
    const shelf = await this.#stock.measure();
    const loose = new Set(shelf.victims.map(({ sha256 }) => sha256));
    const { fetch, held } = queueOf({
      missing: [...this.#approved.values()].filter(({ sha256 }) => objects.bytesOf(sha256) === null),
      needs: this.#needs,
      shelf,
      looseOf: (sha256) => (loose.has(sha256) ? (shelf.partials.get(sha256) ?? 0) : 0),
      budgetLeft: traffic.left(this.#today(), this.#rules),
      opensAt: this.#rules.opensAt(clock.now()),
      givenUp: (sha256) => objects.strikes.outOf(sha256),
    });
    this.#measured = shelf;
    this.#held = held;
    return fetch;
  }

  makeRoom(media: ApprovedMedia): Promise<boolean> {
    return this.#stock.makeRoom(media);
  }

  /** Counts bytes that came, and says whether more may. @throws StationError `storage-failed` */
  async received(media: ApprovedMedia, bytes: number): Promise<boolean> {
    const { traffic, clock } = this.#ports;
    await traffic.add(this.#today(), bytes, media.pinned);
    if (media.pinned) return true;
    const opensAt = this.#rules.opensAt(clock.now());
    const inTime = opensAt === null || needOf(media, this.#needs) < opensAt;
    return inTime && traffic.left(this.#today(), this.#rules) > 0;
  }

  /** Writes what was only remembered: the order of use and the bytes spent. @throws StationError `storage-failed` */
  async keepBooks(): Promise<void> {
    await this.#ports.objects.flush();
    await this.#ports.traffic.flush();
  }

  /** `null` before the first look. */
  account(): CacheAccount | null {
    if (this.#measured === null) return null;
    const { used, capacity, free } = this.#measured;
    const { day, month } = this.#ports.traffic.spent(this.#today());
    const held = (why: Hold) => [...this.#held].filter(([, hold]) => hold === why).map(([sha256]) => sha256);
    const essential = (sha256: Sha256) => {
      const media = this.#approved.get(sha256);
      return media !== undefined && isEssential(media, this.#needs);
    };
    return {
      usedBytes: used,
      capacityBytes: capacity,
      freeBytes: free,
      dayBytes: day.bytes,
      monthBytes: month.bytes,
      exemptMonthBytes: month.exempt,
      squeezed: held("over-quota").filter(essential),
      overBudget: held("over-budget"),
      givenUp: held("given-up"),
    };
  }

  #today(): string {
    return this.#rules.dateOf(this.#ports.clock.now());
  }
}
