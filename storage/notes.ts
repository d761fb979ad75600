/**
 * Small facts that outlive a restart: the clock's attestation and floor, mute, latched emergency stops. Read from memory, written durably. What the disk
 * has lost may be held in memory until it takes it again.
 */
import type { Database, Transaction } from "./database.ts";
import type { Unreadable } from "./unreadable.ts";

export class Notes {
  readonly #database: Database;
  readonly #unreadable: Unreadable;
  readonly #values = new Map<string, string>();
  readonly #spoilt = new Set<string>();
  /** What counts though the disk has not got it. */
  readonly #held = new Map<string, string>();

  private constructor(database: Database, unreadable: Unreadable) {
    this.#database = database;
    this.#unreadable = unreadable;
  }

  /** @throws StationError `storage-failed` */
  static async open(database: Database, unreadable: Unreadable): Promise<Notes> {
    const notes = new Notes(database, unreadable);
    await notes.#load();
    database.onReopen(() => notes.#load());
    return notes;
  }

  /** A fresh copy of the value on the disk, or of what is held for it; `undefined` where there is none. The caller checks its shape. */
  get(key: string): unknown {
    const text = this.#values.get(key) ?? this.#held.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Whether something is stored under this key that can no longer be read, and nothing is held in its place. */
  isSpoilt(key: string): boolean {
    return this.#spoilt.has(key) && !this.#held.has(key);
  }

  /** Keys of what counts though the disk has not got it. */
  get held(): readonly string[] {
    return [...this.#held.keys()];
  }

  /** From now on this JSON value counts where the disk has none that can be read. `set` makes it durable. */
  hold(key: string, value: unknown): void {
    if (!this.#values.has(key)) this.#held.set(key, JSON.stringify(value));
  }

  /**
   * Writes a JSON value, or removes it where it is `undefined`. Without `tx` in a transaction of its own; `get` gives it once it is on the
   * disk. @throws StationError `storage-failed`
   */
  async set(tx: Transaction | null, key: string, value: unknown): Promise<void> {
    if (tx === null) return this.#database.transaction((own) => this.set(own, key, value));
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) await tx.run("DELETE FROM notes WHERE key = ?", key);
    else await tx.run("INSERT INTO notes VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", key, text);
    tx.afterCommit(() => {
      this.#unspoil(key);
      this.#held.delete(key);
      if (text === undefined) this.#values.delete(key);
      else this.#values.set(key, text);
    });
  }

  async #load(): Promise<void> {
    const rows = await this.#database.all<{ key: string; value: string }>("SELECT key, value FROM notes");
    const before = new Map(this.#values);
    this.#values.clear();
    for (const key of [...this.#spoilt]) this.#unspoil(key);
    for (const { key, value } of rows) {
      if (this.#unreadable.read(nameOf(key), value) === undefined) {
        this.#spoilt.add(key);
        // What this process has known since it could be read goes on counting.
        const known = before.get(key);
        if (known !== undefined) this.#held.set(key, known);
      } else {
        this.#held.delete(key);
        this.#values.set(key, value);
      }
    }
  }

  #unspoil(key: string): void {
    this.#spoilt.delete(key);
    this.#unreadable.forget(nameOf(key));
  }
}

const nameOf = (key: string) => `note ${key}`;
