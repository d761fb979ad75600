/** Many stations on one broker: starts them, lets them report, and looks at what the source got. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { rootFile } from "../../../agent/contract/trust.ts";
import type { ReconnectTimes } from "../../../agent/uplink/reconnect.ts";
import { ProvincialSource } from "../../source/source.ts";
import { FleetStation } from "./fleet-station.ts";

/** Their databases wait for the disk, not for the processor. */
const OPENED_AT_ONCE = 8;

const commandDone = z.object({
  kind: z.literal("command-result"),
  body: z.object({ jti: z.string(), status: z.literal("done"), duplicate: z.literal(false) }),
});

/** What the fleet connects to. */
export interface FleetBroker {
  readonly urls: readonly string[];
  /** It speaks MQTT 3.1.1 only. */
  readonly older?: boolean;
  /** Between the first starts of two stations: what is measured comes later, and no province switches all on at once. */
  readonly startEveryMs?: number;
}

export interface Attempts {
  /** Most attempts that fell into one second. */
  readonly peak: number;
  readonly total: number;
}

export class Fleet {
  readonly source: ProvincialSource;
  readonly stations: readonly FleetStation[];
  readonly faults: string[];
  readonly #folder: string;
  #attempts: number[] = [];

  private constructor(
    folder: string,
    source: ProvincialSource,
    stations: FleetStation[],
    faults: string[],
    attempts: number[],
  ) {
    this.#folder = folder;
    this.source = source;
    this.stations = stations;
    this.faults = faults;
    this.#attempts = attempts;
  }

  static async open(count: number, broker: FleetBroker, times: ReconnectTimes, resendAfterMs: number): Promise<Fleet> {
    const folder = await mkdtemp(join(tmpdir(), "loa-fleet-"));
    const source = await ProvincialSource.open(join(folder, "source"), {
      broker: broker.urls,
      ...(broker.older === undefined ? {} : { older: broker.older }),
    });
    await source.publishTrust(undefined, { address: "all" });
    await source.publish("config", { policy: { volume: 70 } }, { address: "province/01" });
    const root = rootFile.parse(source.ceremony.rootFile());
    const faults: string[] = [];
    const attempts: number[] = [];
    const stations: FleetStation[] = [];
    const open = (n: number) =>
      FleetStation.open({
        folder,
        station: `fleet-${String(n).padStart(5, "0")}`,
        commune: String(n % 100).padStart(5, "0"),
        brokers: broker.urls.map((_, at) => broker.urls[(at + n) % broker.urls.length] ?? ""),
        root,
        times,
        resendAfterMs,
        onAttempt: () => attempts.push(performance.now()),
        onFault: (what, error) => faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`),
      });
    while (stations.length < count) {
      const next = Math.min(OPENED_AT_ONCE, count - stations.length);
      const opened = await Promise.all(Array.from({ length: next }, (_, n) => open(stations.length + n)));
      stations.push(...opened);
      for (const station of opened) {
        station.start();
        await sleep(broker.startEveryMs ?? 0);
      }
    }
    return new Fleet(folder, source, stations, faults, attempts);
  }

  get connected(): number {
    return this.stations.filter(({ link }) => link.connected).length;
  }

  /** Milliseconds until this share of the fleet is connected. @throws Error when it takes longer than `withinMs` */
  async untilConnected(share: number, withinMs: number): Promise<number> {
    const from = performance.now();
    while (this.connected < this.stations.length * share) {
      if (performance.now() - from > withinMs)
        throw new Error(`${this.connected} of ${this.stations.length} connected`);
      await sleep(50);
    }
    return performance.now() - from;
  }

  /** Every station writes one event, spread over `overMs`. */
  async write(round: number, overMs: number): Promise<void> {
    const step = overMs / this.stations.length;
    const from = performance.now();
    for (const [n, station] of this.stations.entries()) {
      const early = from + n * step - performance.now();
      if (early > 5) await sleep(early);
      await station.write("fleet-round", { round });
    }
  }

  /** Since the last call. */
  attempts(): Attempts {
    const seconds = new Map<number, number>();
    for (const at of this.#attempts)
      seconds.set(Math.floor(at / 1_000), (seconds.get(Math.floor(at / 1_000)) ?? 0) + 1);
    const total = this.#attempts.length;
    this.#attempts.length = 0;
    return { peak: Math.max(0, ...seconds.values()), total };
  }

  /** Events lost or doubled at the source, station by station; waits until everything issued is stored. */
  async account(withinMs: number): Promise<string[]> {
    const problems: string[] = [];
    const deadline = performance.now() + withinMs;
    for (const { station, store } of this.stations) {
      const { issued } = await store.outbox.stats();
      while (this.source.stored(station) < issued && performance.now() < deadline) await sleep(20);
      const numbers = this.source.events(station).map(({ seq }) => seq);
      const expected = Array.from({ length: issued }, (_, n) => n + 1);
      if (JSON.stringify(numbers) !== JSON.stringify(expected))
        problems.push(`${station}: ${numbers.length} of ${issued}`);
      problems.push(...this.source.findings(station).map(({ kind, detail }) => `${station}: ${kind} ${detail}`));
    }
    return problems;
  }

  /** Stations that have not adopted the document of this digest within that time. */
  async lacking(sha256: string, withinMs: number): Promise<string[]> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const lacking = this.stations.filter(
        ({ admission }) => !admission.documents.some((one) => one.sha256 === sha256),
      );
      if (lacking.length === 0 || performance.now() > deadline) return lacking.map(({ station }) => station);
      await sleep(100);
    }
  }

  /** Stations whose journal at the source does not say within that time that they did once what this command asks. */
  async disobedient(jti: string, withinMs: number): Promise<string[]> {
    const deadline = performance.now() + withinMs;
    const timesDone = (station: string) =>
      this.source.records(station).filter(({ record }) => {
        const result = commandDone.safeParse(record);
        return result.success && result.data.body.jti === jti;
      }).length;
    const found: string[] = [];
    for (const { station } of this.stations) {
      while (timesDone(station) === 0 && performance.now() < deadline) await sleep(100);
      if (timesDone(station) !== 1) found.push(station);
    }
    return found;
  }

  async close(): Promise<void> {
    await Promise.all(this.stations.map((station) => station.stop()));
    await this.source.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
