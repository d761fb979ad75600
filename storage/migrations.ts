/**
 * The shape of the database, as an ordered list: entry n brings a file from `user_version` n to n + 1. An entry that was released is never
 * edited. Times are milliseconds since 1970 UTC (REAL), sizes bytes.
 */
import { StationError } from "../playback/model/station-error.ts";
import type { Connection } from "./connection.ts";

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY, at_ms REAL NOT NULL, kind TEXT NOT NULL, started_ms REAL, ended_ms REAL, text TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_at ON journal (at_ms);
  CREATE INDEX journal_span ON journal (started_ms, ended_ms) WHERE started_ms IS NOT NULL;

  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY, rank INTEGER NOT NULL, at_ms REAL NOT NULL, bytes INTEGER NOT NULL, payload TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outbox_eviction ON outbox (rank, seq);
  CREATE INDEX outbox_age ON outbox (at_ms);
  CREATE TABLE gaps (from_seq INTEGER PRIMARY KEY, to_seq INTEGER NOT NULL UNIQUE, CHECK (from_seq <= to_seq)) STRICT;
  CREATE TABLE outbox_state (
    id INTEGER PRIMARY KEY CHECK (id = 1), stream TEXT NOT NULL, issued INTEGER NOT NULL, acknowledged INTEGER NOT NULL,
    rows INTEGER NOT NULL, bytes INTEGER NOT NULL
  ) STRICT;
  INSERT INTO outbox_state VALUES (1, lower(hex(randomblob(8))), 0, 0, 0, 0);
  CREATE TABLE outbox_dropped (rank INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT;

  CREATE TABLE documents (
    kind TEXT NOT NULL, level TEXT NOT NULL, address TEXT NOT NULL, identifier TEXT NOT NULL, seq INTEGER NOT NULL,
    current INTEGER NOT NULL, issuer TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BLOB NOT NULL, adopted_ms REAL NOT NULL,
    PRIMARY KEY (kind, level, address, identifier, seq)
  ) STRICT;
  CREATE TABLE document_seqs (
    kind TEXT NOT NULL, level TEXT NOT NULL, address TEXT NOT NULL, identifier TEXT NOT NULL, highest INTEGER NOT NULL,
    PRIMARY KEY (kind, level, address, identifier)
  ) STRICT;

  CREATE TABLE commands (
    n INTEGER PRIMARY KEY AUTOINCREMENT, issuer TEXT NOT NULL, jti TEXT NOT NULL, kind TEXT NOT NULL, issued_ms REAL NOT NULL,
    begun_ms REAL NOT NULL, finished_ms REAL, status TEXT, result TEXT, UNIQUE (issuer, jti)
  ) STRICT;
  CREATE INDEX commands_unfinished ON commands (n) WHERE finished_ms IS NULL;
  CREATE TABLE command_low_water (issuer TEXT PRIMARY KEY, issued_ms REAL NOT NULL) STRICT;

  CREATE TABLE slot_keys (n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, planned_ms REAL NOT NULL) STRICT;
  CREATE TABLE open_slots (key TEXT PRIMARY KEY REFERENCES slot_keys (key), header TEXT NOT NULL, progress TEXT NOT NULL) STRICT;
  CREATE TABLE open_segments (
    n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL REFERENCES open_slots (key) ON DELETE CASCADE, segment TEXT NOT NULL
  ) STRICT;
  CREATE INDEX open_segments_key ON open_segments (key);

  CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE media (sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL, stored_ms REAL NOT NULL) STRICT;
  `,
  // Uses and scrubs are running numbers: their order must outlive a clock that steps.
  `
  ALTER TABLE media ADD COLUMN used_n INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE media ADD COLUMN scrub_n INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE media ADD COLUMN scrubbed_ms REAL NOT NULL DEFAULT 0;
  CREATE TABLE media_strikes (sha256 TEXT PRIMARY KEY, count INTEGER NOT NULL, last_ms REAL NOT NULL) STRICT;
  CREATE TABLE media_traffic (
    n INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL, exempt INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE outbox_classes (rank INTEGER PRIMARY KEY, rows INTEGER NOT NULL) STRICT;
  INSERT INTO outbox_classes SELECT rank, count(*) FROM outbox GROUP BY rank;
  CREATE TRIGGER outbox_added AFTER INSERT ON outbox BEGIN
    INSERT INTO outbox_classes VALUES (NEW.rank, 1) ON CONFLICT (rank) DO UPDATE SET rows = rows + 1;
  END;
  CREATE TRIGGER outbox_removed AFTER DELETE ON outbox BEGIN
    UPDATE outbox_classes SET rows = rows - 1 WHERE rank = OLD.rank;
  END;

  CREATE TABLE journal_base (
    id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL, bytes INTEGER NOT NULL
  ) STRICT;
  INSERT INTO journal_base SELECT 1, 0, printf('%064d', 0), coalesce(sum(octet_length(text)), 0) FROM journal;
  CREATE TRIGGER journal_added AFTER INSERT ON journal BEGIN
    UPDATE journal_base SET bytes = bytes + octet_length(NEW.text);
  END;
  CREATE TRIGGER journal_removed AFTER DELETE ON journal BEGIN
    UPDATE journal_base SET bytes = bytes - octet_length(OLD.text);
  END;
  CREATE TABLE journal_checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL, evidence BLOB NOT NULL, kept_ms REAL NOT NULL
  ) STRICT;
  `,
  // LUFS and dBTP; NULL is what has no loudness.
  `
  CREATE TABLE loudness (
    n INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL, recipe TEXT NOT NULL, lufs REAL, true_peak REAL, UNIQUE (sha256, recipe)
  ) STRICT;
  `,
];

/** The `user_version` that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings the file to `SCHEMA_VERSION`, each step in its own transaction.
 * @throws StationError `database-newer` where a newer Loa wrote it (nothing is changed), `storage-failed`
 */
export async function migrate(connection: Connection): Promise<void> {
  const from = await schemaVersion(connection);
  for (let version = from; version < SCHEMA_VERSION; version++) {
    // `user_version` lies in the file's header and is part of the transaction: a cut in between leaves the old shape whole.
    await connection.script(`BEGIN IMMEDIATE; ${MIGRATIONS[version]}; PRAGMA user_version = ${version + 1}; COMMIT;`);
  }
}

/** @throws StationError `database-newer`, `storage-failed` */
export async function schemaVersion(connection: Connection): Promise<number> {
  const row = await connection.get<{ user_version: number }>("PRAGMA user_version");
  const version = row?.user_version ?? 0;
  if (version > SCHEMA_VERSION) {
    throw new StationError(
      "database-newer",
      `the database has version ${version}, this Loa knows up to ${SCHEMA_VERSION}`,
    );
  }
  return version;
}
