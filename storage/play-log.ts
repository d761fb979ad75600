/**
 * The durable memory of slots. Invariants: a key begins or ends once, for ever; the row of an open slot leaves in the very transaction that
 * writes its one journal record, so a cut anywhere leaves either the one or the other.
 */
import { type Refusal, refusal } from "../playback/model/refusal.ts";
import { StationError } from "../playback/model/station-error.ts";
import { DAY, type Decibels, type Instant, type Monotonic, SECOND } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";
import type { OpenSlot, PlayLog, Segment, SlotHeader, SlotOutcome, SlotProgress } from "../playback/ports/play-log.ts";
import type { Database, Transaction } from "./database.ts";
import { foldSegments } from "./folded-segments.ts";
import type { Journal } from "./journal.ts";
import type { Unreadable } from "./unreadable.ts";

const KEPT_MS = 40 * DAY;
/** The newest keys stay whatever their date, so that a clock that was wrong for a while cannot make a slot play twice. */
const KEPT_KEYS = 5_000;
/** What silence is written as: JSON knows no infinity. Assumed: nothing quieter than this is a sound. */
const SILENCE: Decibels = -120;
/** Of a slot of which nobody knows any more where it stood. */
const SPOILT = refusal("too-late", "what was noted of it was spoilt on the disk: it could not be taken up again");

/** As much of a header as can still be read. */
type KnownHeader = Partial<Omit<SlotHeader, "plannedAt">> & {
  readonly key: string;
  readonly plannedAt: Instant | null;
};

export class SqlitePlayLog implements PlayLog {
  readonly #database: Database;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #unreadable: Unreadable;
  readonly #known = new Set<string>();
  readonly #noted = new Map<string, Monotonic>();

  private constructor(database: Database, journal: Journal, clock: Clock, unreadable: Unreadable) {
    this.#database = database;
    this.#journal = journal;
    this.#clock = clock;
    this.#unreadable = unreadable;
  }

  /** @throws StationError `storage-failed` */
  static async open(
    database: Database,
    journal: Journal,
    clock: Clock,
    unreadable: Unreadable,
  ): Promise<SqlitePlayLog> {
    const log = new SqlitePlayLog(database, journal, clock, unreadable);
    await log.#load();
    database.onReopen(() => log.#load());
    return log;
  }

  async begin(header: SlotHeader, progress: SlotProgress): Promise<boolean> {
    return this.#database.transaction(async (tx) => {
      if (!(await this.#claim(tx, header))) return false;
      await tx.run(
        "INSERT INTO open_slots VALUES (?, ?, ?)",
        header.key,
        JSON.stringify(header),
        JSON.stringify(progress),
      );
      return true;
    });
  }

  async addSegment(key: string, segment: Segment, progress: SlotProgress): Promise<void> {
    const text = JSON.stringify({ ...segment, rms: finite(segment.rms), peak: finite(segment.peak) });
    await this.#database.transaction(async (tx) => {
      const changed = await tx.run("UPDATE open_slots SET progress = ? WHERE key = ?", JSON.stringify(progress), key);
      if (changed === 0) throw new Error(`slot ${key} is not open`);
      await tx.run("INSERT INTO open_segments (key, segment) VALUES (?, ?)", key, text);
    });
  }

  async note(key: string, progress: SlotProgress): Promise<void> {
    const now = this.#clock.monotonic();
    const last = this.#noted.get(key);
    if (last !== undefined && now - last < SECOND) return;
    // Before the write, so that a slow card is not asked twice.
    this.#noted.set(key, now);
    await this.#database.run("UPDATE open_slots SET progress = ? WHERE key = ?", JSON.stringify(progress), key);
  }

  async end(header: SlotHeader, outcome: SlotOutcome, why: Refusal | null): Promise<boolean> {
    const ended = await this.#database.transaction(async (tx) => {
      const slot = await tx.get<{ header: string }>("SELECT header FROM open_slots WHERE key = ?", header.key);
      if (slot === undefined && !(await this.#claim(tx, header))) return false;
      // As it was first journalled, whatever the caller holds now.
      const written = slot === undefined ? undefined : this.#unreadable.read(slotName(header.key), slot.header);
      const first = (written as SlotHeader | undefined) ?? header;
      await this.#close(tx, { ...first, key: header.key }, outcome, why);
      if (this.#known.size >= KEPT_KEYS) await this.#forget(tx, header.plannedAt);
      return true;
    });
    this.#noted.delete(header.key);
    return ended;
  }

  /** Without those that cannot be read any more, which end here. */
  async open(): Promise<readonly OpenSlot[]> {
    // The segments as texts in a list, not as JSON in JSON: SQLite refuses all of it where one is spoilt.
    const rows = await this.#database.all<{ key: string; header: string; progress: string; segments: string }>(
      `SELECT key, header, progress,
         (SELECT json_group_array(segment ORDER BY n) FROM open_segments WHERE key = open_slots.key) AS segments
       FROM open_slots ORDER BY rowid`,
    );
    const open: OpenSlot[] = [];
    for (const { key, ...row } of rows) {
      const header = this.#unreadable.read(slotName(key), row.header) as SlotHeader | undefined;
      const progress = this.#unreadable.read(slotName(key), row.progress) as SlotProgress | undefined;
      if (header === undefined || progress === undefined) await this.#endSpoilt(key, header);
      else open.push({ header, progress, segments: this.#segments(key, JSON.parse(row.segments) as string[]) });
    }
    return open;
  }

  has(key: string): boolean {
    return this.#known.has(key);
  }

  /** One record for it as for every other. Where the disk refuses, the next start tries again: the key stays, so it does not sound again. */
  async #endSpoilt(key: string, header: SlotHeader | undefined): Promise<void> {
    try {
      await this.#database.transaction(async (tx) => {
        const slot = await tx.get<{ planned_ms: number | null }>(
          "SELECT planned_ms FROM open_slots LEFT JOIN slot_keys USING (key) WHERE open_slots.key = ?",
          key,
        );
        // Every output asks what is open: another one's asking may have ended it.
        if (slot === undefined) return;
        await this.#close(tx, { ...header, key, plannedAt: slot.planned_ms }, "interrupted", SPOILT);
      });
      this.#unreadable.forget(slotName(key));
    } catch (error) {
      if (!(error instanceof StationError && error.code === "storage-failed")) throw error;
    }
  }

  /** The one record of a slot; its row leaves with it. */
  async #close(tx: Transaction, header: KnownHeader, outcome: SlotOutcome, why: Refusal | null): Promise<void> {
    const { key } = header;
    const segments = await this.#segmentsOf(tx, key);
    await this.#journal.append(tx, this.#clock.now(), "slot", slotBody(header, outcome, why, segments), "play");
    await tx.run("DELETE FROM open_slots WHERE key = ?", key);
    tx.afterCommit(() => {
      for (const name of [slotName(key), stretchName(key)]) this.#unreadable.forget(name);
    });
  }

  async #claim(tx: Transaction, header: SlotHeader): Promise<boolean> {
    const changed = await tx.run(
      "INSERT INTO slot_keys (key, planned_ms) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
      ...[header.key, header.plannedAt],
    );
    if (changed === 0) return false;
    tx.afterCommit(() => this.#known.add(header.key));
    return true;
  }

  async #forget(tx: Transaction, reference: Instant): Promise<void> {
    const gone = await tx.all<{ key: string }>(
      `DELETE FROM slot_keys WHERE planned_ms < ? AND n <= (SELECT max(n) FROM slot_keys) - ?
       AND key NOT IN (SELECT key FROM open_slots) RETURNING key`,
      ...[reference - KEPT_MS, KEPT_KEYS],
    );
    tx.afterCommit(() => {
      for (const { key } of gone) this.#known.delete(key);
    });
  }

  async #segmentsOf(tx: Transaction, key: string): Promise<Segment[]> {
    const rows = await tx.all<{ segment: string }>("SELECT segment FROM open_segments WHERE key = ? ORDER BY n", key);
    return this.#segments(
      key,
      rows.map(({ segment }) => segment),
    );
  }

  /** Those that can be read. */
  #segments(key: string, texts: readonly string[]): Segment[] {
    return texts.flatMap((text) => (this.#unreadable.read(stretchName(key), text) as Segment | undefined) ?? []);
  }

  async #load(): Promise<void> {
    const rows = await this.#database.all<{ key: string }>("SELECT key FROM slot_keys");
    this.#known.clear();
    for (const { key } of rows) this.#known.add(key);
  }
}

const slotName = (key: string) => `open slot ${key}`;
const stretchName = (key: string) => `stretch of ${key}`;

/** The journal's words for a slot: times in RFC 3339, `startedAt` to `endedAt` spanning what was heard. */
function slotBody(
  header: KnownHeader,
  outcome: SlotOutcome,
  why: Refusal | null,
  segments: readonly Segment[],
): object {
  const starts = segments.flatMap((segment) => segment.startedAt ?? []);
  const ends = segments.flatMap((segment) => segment.endedAt ?? []);
  return {
    ...header,
    plannedAt: rfc3339(header.plannedAt),
    outcome,
    why,
    startedAt: starts.length === 0 ? null : rfc3339(Math.min(...starts)),
    endedAt: ends.length === 0 ? null : rfc3339(Math.max(...ends)),
    audibleMs: segments.reduce((sum, segment) => sum + segment.audibleMs, 0),
    segments: foldSegments(segments).map((segment) => ({
      ...segment,
      startedAt: rfc3339(segment.startedAt),
      endedAt: rfc3339(segment.endedAt),
    })),
  };
}

function rfc3339(at: Instant): string;
function rfc3339(at: Instant | null): string | null;
function rfc3339(at: Instant | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function finite(level: Decibels | null): Decibels | null {
  return level === null ? null : Math.max(level, SILENCE);
}
