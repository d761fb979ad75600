import { read } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { HOUR, type Sha256 } from "../../../playback/model/units.ts";
import { isRefusal, type OpenMedia } from "../../../playback/ports/media.ts";
import {
  approved,
  bytes,
  eventually,
  type MediaBench,
  mediaBench,
  sha256Of,
} from "../../support/storage/media-bench.ts";
import { MediaServer } from "../../support/storage/media-server.ts";

const body = bytes(300_000);
const sha256 = sha256Of(body);

async function contentOf(media: OpenMedia): Promise<Buffer> {
  const { bytesRead, buffer } = await promisify(read)(media.fd, Buffer.alloc(body.length + 1), 0, body.length + 1, 0);
  return buffer.subarray(0, bytesRead);
}

async function opened(bench: MediaBench, digest: Sha256 = sha256): Promise<OpenMedia> {
  const media = await bench.cache.open(digest);
  if (isRefusal(media)) throw new Error(`refused: ${media.reason}`);
  return media;
}

const reason = async (bench: MediaBench) => {
  const answer = await bench.cache.open(sha256);
  if (isRefusal(answer)) return answer.reason;
  await answer.close();
  return "opened";
};

/** A cache that holds the body. */
async function filled(): Promise<MediaBench> {
  const bench = await mediaBench();
  bench.cache.setApproved([approved(body, [])]);
  await writeFile(join(bench.folder, "stick"), body);
  expect(await bench.cache.importFile(join(bench.folder, "stick"), sha256)).toBeNull();
  return bench;
}

describe("opening media", () => {
  it("gives a descriptor of the very bytes that were verified, positioned at their beginning", async () => {
    const bench = await filled();
    const media = await opened(bench);
    await rm(bench.objectPath(sha256));
    await writeFile(bench.objectPath(sha256), "something else");
    expect((await contentOf(media)).equals(body)).toBe(true);
    const sequential = await promisify(read)(media.fd, Buffer.alloc(4), 0, 4, null);
    expect(sequential.buffer.equals(body.subarray(0, 4))).toBe(true);
    expect(media).toMatchObject({ sha256, type: "audio/mpeg", durationMs: 1_000 });
    await media.close();
    await media.close();
  });

  it("refuses what is not approved, even where it lies on the disk, and what is missing", async () => {
    const bench = await filled();
    bench.cache.setApproved([]);
    expect(await reason(bench)).toBe("digest-not-approved");
    const empty = await mediaBench();
    empty.cache.setApproved([approved(body, [])]);
    expect(await reason(empty)).toBe("media-missing");
  });

  it.each(["a flipped bit", "a replaced file", "a shorter file", "a longer file"])(
    "refuses %s, puts it away and wants it again",
    async (how) => {
      const bench = await filled();
      await (await opened(bench)).close();
      const path = bench.objectPath(sha256);
      const spoilt = Buffer.from(body);
      spoilt[150_000] = (spoilt[150_000] as number) ^ 1;
      if (how === "a flipped bit") {
        const { mtime, atime } = await stat(path);
        await writeFile(path, spoilt, { flag: "r+" });
        // Hidden as well as it can be: same length, same inode, old time.
        await utimes(path, atime, mtime);
      }
      if (how === "a replaced file") {
        await writeFile(`${path}.new`, spoilt);
        await rename(`${path}.new`, path);
      }
      if (how === "a shorter file") await writeFile(path, body.subarray(0, -1));
      if (how === "a longer file") await writeFile(path, Buffer.concat([body, Buffer.alloc(1)]));
      expect(await reason(bench)).toBe("media-altered");
      expect(bench.cache.status()).toEqual([{ sha256, state: "quarantined", bytes: 0 }]);
      expect(bench.events).toEqual([{ kind: "quarantined", sha256, problem: expect.any(String), strikes: 1 }]);
      expect(await readdir(join(bench.folder, "media", "quarantine"))).toEqual([sha256]);
      expect(await reason(bench)).toBe("media-missing");
      const server = await MediaServer.start();
      bench.cache.setApproved([approved(body, [server.serve("/a", body)])]);
      bench.run();
      await eventually(() => bench.cache.status()[0]?.state === "present");
      expect(await reason(bench)).toBe("opened");
    },
  );

  it("takes a file only if it is the approved one", async () => {
    const bench = await mediaBench();
    const stick = join(bench.folder, "stick");
    await writeFile(stick, body);
    expect(await bench.cache.importFile(stick, sha256)).toMatchObject({ reason: "digest-not-approved" });
    bench.cache.setApproved([approved(body, [])]);
    for (const wrong of [bytes(300_000, 2), body.subarray(1), Buffer.concat([body, body])]) {
      await writeFile(stick, wrong);
      expect(await bench.cache.importFile(stick, sha256)).toMatchObject({ reason: "media-altered" });
    }
    expect(await readdir(join(bench.folder, "media", "partial"))).toEqual([]);
    await expect(bench.cache.importFile(join(bench.folder, "nothing"), sha256)).rejects.toMatchObject({
      code: "storage-failed",
    });
  });
});

describe("reconciling after a restart", () => {
  it("deletes what is not approved, takes in what a cut left without its row, forgets rows without a file, keeps useful partials", async () => {
    const before = await filled();
    const [hole, cut, orphan] = [bytes(10, 3), bytes(20, 4), bytes(30, 5)];
    const wanted = [approved(body, []), approved(hole, []), approved(cut, [])];
    await before.store.database.run("INSERT INTO media (sha256, bytes, stored_ms) VALUES (?, 10, 0)", sha256Of(hole));
    await before.store.database.run("DELETE FROM media WHERE sha256 = ?", sha256);
    const orphanPath = before.objectPath(sha256Of(orphan));
    await mkdir(dirname(orphanPath), { recursive: true });
    await writeFile(orphanPath, orphan);
    await writeFile(before.partialPath(sha256Of(cut)), cut.subarray(0, 7));
    await writeFile(before.partialPath(sha256Of(orphan)), "x");
    await before.store.close();

    const after = await mediaBench({ folder: before.folder });
    after.cache.setApproved(wanted);
    await after.cache.reconcile();
    expect(after.cache.status().map(({ state }) => state)).toEqual(["present", "missing", "missing"]);
    expect(await readdir(dirname(orphanPath))).toEqual([]);
    expect(await readdir(join(after.folder, "media", "partial"))).toEqual([`${sha256Of(cut)}.part`]);
    expect(await reason(after)).toBe("opened");
  });

  it("puts away an unknown file with wrong bytes", async () => {
    const bench = await mediaBench();
    bench.cache.setApproved([approved(body, [])]);
    await mkdir(dirname(bench.objectPath(sha256)), { recursive: true });
    await writeFile(bench.objectPath(sha256), bytes(300_000, 9));
    await bench.cache.reconcile();
    expect(bench.cache.status()).toEqual([{ sha256, state: "quarantined", bytes: 0 }]);
    expect(bench.events.map(({ kind }) => kind)).toEqual(["quarantined"]);
  });

  it("deletes nothing where nothing is approved, as after the loss of the database", async () => {
    const before = await filled();
    await before.store.close();
    await rm(join(before.folder, "loa.db"));
    const after = await mediaBench({ folder: before.folder });
    await after.cache.reconcile();
    expect((await readFile(after.objectPath(sha256))).equals(body)).toBe(true);
    // What comes back with the documents is found on the disk, not fetched.
    after.cache.setApproved([approved(body, [])]);
    after.run();
    await eventually(() => after.cache.status()[0]?.state === "present");
    expect(after.clock.now()).toBeLessThan(Date.parse("2026-11-21T05:00:00Z") + HOUR);
  });
});
