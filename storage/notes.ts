/** Small facts that outlive a restart: the clock's attestation and floor, mute, latched emergency stops. Read from memory, written durably. */
import type { Database, Transaction } from "./database.ts";
import type { Unreadable } from "./unreadable.ts";

export class Notes {
  readonly #database: Database;
  readonly #unreadable: Unreadable;
  readonly #values = new Map<string, string>();
  readonly #spoilt = new Set<string>();

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

  /** A fresh copy of the value on the disk; `undefined` where there is none, or none that can be read. The caller checks its shape. */
  get(key: string): unknown {
    const text = this.#values.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Whether something is stored under this key that can no longer be read. */
  isSpoilt(key: string): boolean {
    return this.#spoilt.has(key);
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
      this.#spoilt.delete(key);
      if (text === undefined) this.#values.delete(key);
      else this.#values.set(key, text);
    });
  }

  async #load(): Promise<void> {
    const rows = await this.#database.all<{ key: string; value: string }>("SELECT key, value FROM notes");
    this.#values.clear();
    this.#spoilt.clear();
    for (const { key, value } of rows) {
      if (this.#unreadable.read(`note ${key}`, value) === undefined) this.#spoilt.add(key);
      else this.#values.set(key, value);
    }
  }
}
