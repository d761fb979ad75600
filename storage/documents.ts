/**
 * Signed documents, byte for byte as they came; nothing decoded is kept. Invariant: per key numbers only go up, and the highest number ever
 * adopted is remembered even when the document is gone, so nothing older is adopted again. Only `forget` lets a number go down.
 */
import type { Instant, Sha256 } from "../playback/model/units.ts";
import type { Database, Transaction } from "./database.ts";

/** Which document; `level` and `identifier` are empty where the kind has none. */
export interface DocumentKey {
  readonly kind: string;
  readonly level: string;
  readonly address: string;
  readonly identifier: string;
}

export interface StoredDocument extends DocumentKey {
  readonly seq: number;
  readonly issuer: string;
  /** Of `bytes`. */
  readonly sha256: Sha256;
  readonly bytes: Buffer;
  readonly adoptedAt: Instant;
}

interface Row {
  kind: string;
  level: string;
  address: string;
  identifier: string;
  seq: number;
  issuer: string;
  sha256: Sha256;
  bytes: Buffer;
  adopted_ms: number;
}

const SAME_KEY = "kind = ? AND level = ? AND address = ? AND identifier = ?";

export class DocumentStore {
  readonly #database: Database;
  readonly #current = new Map<string, StoredDocument>();
  readonly #seqs = new Map<string, number>();

  private constructor(database: Database) {
    this.#database = database;
  }

  /** @throws StationError `storage-failed` */
  static async open(database: Database): Promise<DocumentStore> {
    const store = new DocumentStore(database);
    await store.#load();
    database.onReopen(() => store.#load());
    return store;
  }

  /** No document was ever adopted here: the database has just begun. */
  get blank(): boolean {
    return this.#seqs.size === 0;
  }

  /** The newest version of each document, in the order of adoption at start and of first adoption after it. */
  current(): readonly StoredDocument[] {
    return [...this.#current.values()];
  }

  /** The highest number ever adopted, also of a removed document; `null` where there was none. */
  seqOf(key: DocumentKey): number | null {
    return this.#seqs.get(nameOf(key)) ?? null;
  }

  /** The version before the newest, for diagnosis. @throws StationError `storage-failed` */
  async previous(key: DocumentKey): Promise<StoredDocument | null> {
    const row = await this.#database.get<Row>(
      `SELECT * FROM documents WHERE ${SAME_KEY} AND current = 0`,
      ...valuesOf(key),
    );
    return row === undefined ? null : toDocument(row);
  }

  /**
   * Makes it the newest. A number that is not higher than every one before is a bug of the caller, whose place it is to refuse it.
   * @throws StationError `storage-failed`
   */
  async adopt(tx: Transaction, document: StoredDocument): Promise<void> {
    const key = valuesOf(document);
    const row = await tx.get<{ highest: number }>(`SELECT highest FROM document_seqs WHERE ${SAME_KEY}`, ...key);
    if (row !== undefined && document.seq <= row.highest) {
      throw new Error(`${nameOf(document)}: number ${document.seq} is not above ${row.highest}`);
    }
    await tx.run(`DELETE FROM documents WHERE ${SAME_KEY} AND current = 0`, ...key);
    await tx.run(`UPDATE documents SET current = 0 WHERE ${SAME_KEY}`, ...key);
    const { seq, issuer, sha256, bytes, adoptedAt } = document;
    await tx.run(
      "INSERT INTO documents VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?)",
      ...key,
      seq,
      issuer,
      sha256,
      bytes,
      adoptedAt,
    );
    await tx.run(
      "INSERT INTO document_seqs VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET highest = excluded.highest",
      ...key,
      seq,
    );
    tx.afterCommit(() => {
      this.#current.set(nameOf(document), document);
      this.#seqs.set(nameOf(document), seq);
    });
  }

  /** Removes both versions and keeps the number. False where there was none. @throws StationError `storage-failed` */
  async remove(tx: Transaction, key: DocumentKey): Promise<boolean> {
    const removed = await tx.run(`DELETE FROM documents WHERE ${SAME_KEY}`, ...valuesOf(key));
    tx.afterCommit(() => this.#current.delete(nameOf(key)));
    return removed > 0;
  }

  /** Removes both versions and the number too: only where root's word has freed it. @throws StationError `storage-failed` */
  async forget(tx: Transaction, key: DocumentKey): Promise<void> {
    await tx.run(`DELETE FROM documents WHERE ${SAME_KEY}`, ...valuesOf(key));
    await tx.run(`DELETE FROM document_seqs WHERE ${SAME_KEY}`, ...valuesOf(key));
    tx.afterCommit(() => {
      this.#current.delete(nameOf(key));
      this.#seqs.delete(nameOf(key));
    });
  }

  async #load(): Promise<void> {
    const rows = await this.#database.all<Row>("SELECT * FROM documents WHERE current = 1 ORDER BY adopted_ms, rowid");
    const seqs = await this.#database.all<DocumentKey & { highest: number }>("SELECT * FROM document_seqs");
    this.#current.clear();
    this.#seqs.clear();
    for (const row of rows) this.#current.set(nameOf(row), toDocument(row));
    for (const row of seqs) this.#seqs.set(nameOf(row), row.highest);
  }
}

function valuesOf(key: DocumentKey): [string, string, string, string] {
  return [key.kind, key.level, key.address, key.identifier];
}

function nameOf(key: DocumentKey): string {
  return JSON.stringify(valuesOf(key));
}

function toDocument(row: Row): StoredDocument {
  const { kind, level, address, identifier, seq, issuer, sha256, bytes } = row;
  return { kind, level, address, identifier, seq, issuer, sha256, bytes, adoptedAt: row.adopted_ms };
}
