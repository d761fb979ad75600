import { mkdir, open, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { StationError } from "../../../playback/model/station-error.ts";
import { Database } from "../../../storage/database.ts";
import { temporaryFolder } from "../../support/storage/temporary.ts";

async function opened(file: string): Promise<Database> {
  const database = await Database.open(file, () => Date.parse("2026-11-21T05:00:00Z"));
  onTestFinished(() => database.close());
  return database;
}

const put = "INSERT INTO notes VALUES (?, ?)";

describe("the database", () => {
  it("keeps every commit on the disk before it acknowledges it: WAL and synchronous FULL on both connections", async () => {
    const database = await opened(join(await temporaryFolder(), "loa.db"));
    const [mode] = await database.all<{ journal_mode: string }>("PRAGMA journal_mode");
    const [synchronous] = await database.all<{ synchronous: number }>("PRAGMA synchronous");
    expect([mode?.journal_mode, synchronous?.synchronous]).toEqual(["wal", 2]);
    await database.transaction(async (tx) => {
      expect(await tx.get("PRAGMA synchronous")).toEqual({ synchronous: 2 });
      expect(await tx.get("PRAGMA foreign_keys")).toEqual({ foreign_keys: 1 });
    });
  });

  it("runs transactions one after the other, in the order asked for", async () => {
    const database = await opened(join(await temporaryFolder(), "loa.db"));
    const events: string[] = [];
    const work = (name: string) => async (tx: { run(sql: string, ...values: string[]): Promise<number> }) => {
      events.push(`${name} begins`);
      await tx.run(put, name, "1");
      events.push(`${name} ends`);
    };
    await Promise.all([
      database.transaction(work("a")),
      database.transaction(work("b")),
      database.transaction(work("c")),
    ]);
    expect(events).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("rolls back what throws, runs no effect of it and goes on", async () => {
    const database = await opened(join(await temporaryFolder(), "loa.db"));
    const effects: string[] = [];
    const failing = database.transaction(async (tx) => {
      await tx.run(put, "a", "1");
      tx.afterCommit(() => effects.push("failed"));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await database.transaction(async (tx) => {
      await tx.run(put, "b", "1");
      tx.afterCommit(() => effects.push("done"));
    });
    expect(await database.all("SELECT key FROM notes")).toEqual([{ key: "b" }]);
    expect(effects).toEqual(["done"]);
  });

  it("shows a reader nothing that is not committed", async () => {
    const database = await opened(join(await temporaryFolder(), "loa.db"));
    await database.transaction(async (tx) => {
      await tx.run(put, "a", "1");
      expect(await database.all("SELECT key FROM notes")).toEqual([]);
      expect(await tx.all("SELECT key FROM notes")).toEqual([{ key: "a" }]);
    });
    expect(await database.all("SELECT key FROM notes")).toEqual([{ key: "a" }]);
  });

  it("throws on a transaction inside a transaction instead of waiting for ever, and on one used after its end", async () => {
    const database = await opened(join(await temporaryFolder(), "loa.db"));
    await expect(database.transaction(() => database.run(put, "a", "1"))).rejects.toThrow("inside a transaction");
    const kept = await database.transaction(async (tx) => tx);
    await expect(kept.run(put, "a", "1")).rejects.toThrow("has ended");
  });

  it("reports a full disk as storage-failed, keeps what was committed and works again when there is room", async () => {
    const database = await opened(join(await temporaryFolder(), "loa.db"));
    await database.run(put, "before", "1");
    const setPages = (count: number) => database.transaction((tx) => tx.get(`PRAGMA max_page_count = ${count}`));
    // SQLite's own limit gives the very error that a full card gives, at the same places.
    await setPages(1);
    await expect(database.run(put, "big", "x".repeat(100_000))).rejects.toMatchObject({
      code: "storage-failed",
      retry: true,
    });
    expect(await database.all("SELECT key FROM notes")).toEqual([{ key: "before" }]);
    await setPages(1_000_000);
    await database.run(put, "big", "x".repeat(100_000));
    expect(await database.all("SELECT key FROM notes ORDER BY key")).toEqual([{ key: "before" }, { key: "big" }]);
  });

  it("moves a file that is no database aside and starts a new one", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "loa.db");
    await writeFile(file, "this was never a database, but it is long enough to be looked at".repeat(100));
    const database = await opened(file);
    expect(database.recovered?.movedTo).toBe(`${file}.corrupt-2026-11-21T050000Z`);
    await database.run(put, "a", "1");
    expect((await readFile(database.recovered?.movedTo as string, "utf8")).startsWith("this was never")).toBe(true);
  });

  it("finds pages overwritten in the middle of the file, says what, and never moves a second file over the first", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "loa.db");
    for (let round = 0; round < 5; round++) {
      const database = await Database.open(file, () => Date.parse("2026-11-21T05:00:00Z"));
      expect(database.recovered === null).toBe(round === 0);
      for (let n = 0; n < 50; n++) await database.run(put, `key ${n}`, "x".repeat(2_000));
      await database.close();
      const handle = await open(file, "r+");
      await handle.write(Buffer.alloc(30_000, 0x5a), 0, 30_000, 40_000);
      await handle.close();
    }
    const last = await opened(file);
    expect(last.recovered?.problem).toMatch(/quick_check|malformed/);
    const corrupt = (await readdir(folder)).filter((name) => /corrupt-[^-]*-[^-]*-[^-]*Z(-\d+)?$/.test(name));
    expect(corrupt.length).toBe(3);
  });

  it("says storage-failed, and what helps, where it finds damage while it runs; a restart moves the file aside", async () => {
    const file = join(await temporaryFolder(), "loa.db");
    const before = await Database.open(file);
    for (let n = 0; n < 50; n++) await before.run(put, `key ${n}`, "x".repeat(2_000));
    await before.close();
    const database = await opened(file);
    const handle = await open(file, "r+");
    const { size } = await handle.stat();
    await handle.write(Buffer.alloc(30_000, 0x5a), 0, 30_000, size - 40_000);
    await handle.close();
    // What SQLite says of a card that gave an input or output error.
    const cause = Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR" });
    const failing = database.transaction(() => Promise.reject(new StationError("storage-failed", "write", { cause })));
    await expect(failing).rejects.toThrow("write");
    for (let round = 0; round < 2; round++) {
      await expect(database.run(put, "a", "1")).rejects.toMatchObject({
        code: "storage-failed",
        message: expect.stringMatching(/is damaged \(quick_check: .*\); a restart moves it aside/s),
      });
    }
    expect(database.damage).toContain("is damaged (quick_check");
    await database.close();
    expect((await opened(file)).recovered?.problem).toContain("quick_check");
  });

  it("says that it is damaged where a statement finds it, and a start that was told looks the file through whole", async () => {
    const file = join(await temporaryFolder(), "loa.db");
    const before = await Database.open(file);
    await before.run("INSERT INTO outbox VALUES (1, 0, 5, 7, 'x')");
    // An index that says something else than its table: what SQLite's quick check does not look at.
    await before.transaction(async (tx) => {
      await tx.get("PRAGMA writable_schema = ON");
      const sql = "CREATE INDEX outbox_age ON outbox (bytes)";
      expect(await tx.run("UPDATE sqlite_schema SET sql = ? WHERE name = 'outbox_age'", sql)).toBe(1);
    });
    await before.close();
    const found = await Database.open(file);
    expect([found.recovered, found.examined, found.damage]).toEqual([null, false, null]);
    await expect(found.run("DELETE FROM outbox")).rejects.toMatchObject({ code: "storage-failed" });
    expect(found.damage).toMatch(/SQLITE_CORRUPT/);
    expect(await found.all("SELECT payload FROM outbox")).toEqual([{ payload: "x" }]);
    await found.close();
    // Nobody was told: the quick check calls it sound.
    const untold = await Database.open(file);
    expect(untold.recovered).toBeNull();
    await expect(untold.run("DELETE FROM outbox")).rejects.toMatchObject({ code: "storage-failed" });
    await untold.noteDamage();
    await untold.close();
    const told = await Database.open(file);
    expect([told.examined, told.damage, told.recovered?.problem]).toEqual([
      true,
      null,
      expect.stringContaining("integrity_check"),
    ]);
    await told.run(put, "a", "1");
    await told.close();
    expect((await opened(file)).examined).toBe(false);
  });

  it("leaves no note where none is due, and nothing of one that the disk refuses", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "loa.db");
    const database = await opened(file);
    await database.noteDamage();
    expect((await readdir(folder)).filter((name) => name.includes("damaged"))).toEqual([]);
    const cause = Object.assign(new Error("file is not a database"), { code: "SQLITE_NOTADB" });
    const failing = database.transaction(() => Promise.reject(new StationError("storage-failed", "read", { cause })));
    await expect(failing).rejects.toThrow("read");
    await mkdir(join(`${file}.damaged`, "in the way"), { recursive: true });
    await expect(database.noteDamage()).rejects.toMatchObject({ code: "storage-failed" });
    expect((await readdir(folder)).filter((name) => name.includes("damaged"))).toEqual(["loa.db.damaged"]);
  });

  it("refuses a file of a newer Loa and does not touch it", async () => {
    const file = join(await temporaryFolder(), "loa.db");
    const database = await Database.open(file);
    await database.transaction((tx) => tx.get("PRAGMA user_version = 9999"));
    await database.close();
    const before = await readFile(file);
    await expect(Database.open(file)).rejects.toMatchObject({ code: "database-newer" });
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  it("says storage-failed where the folder is missing", async () => {
    const file = join(await temporaryFolder(), "missing", "loa.db");
    await expect(Database.open(file)).rejects.toMatchObject({ code: "storage-failed" });
  });
});
