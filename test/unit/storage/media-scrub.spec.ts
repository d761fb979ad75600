import { execFileSync } from "node:child_process";
import { open, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { DAY, HOUR, MINUTE, type Sha256 } from "../../../playback/model/units.ts";
import { NO_RULES } from "../../../storage/content/cache-rules.ts";
import type { ObjectStore } from "../../../storage/content/object-store.ts";
import { Scrub, scrubWait } from "../../../storage/content/scrub.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";
import {
  approved,
  bytes,
  eventually,
  type MediaBench,
  mediaBench,
  sha256Of,
} from "../../support/storage/media-bench.ts";
import { MediaServer } from "../../support/storage/media-server.ts";
import { temporaryFolder } from "../../support/storage/temporary.ts";

const bodies = [1, 2, 3, 4].map((seed) => bytes(200_000, seed));
const digests = bodies.map(sha256Of);

/** A cache with the bodies in it, fetching and, where asked, scrubbing. */
async function filled(server: MediaServer, scrubs = true): Promise<MediaBench> {
  const bench = await mediaBench({ stallMs: 1_000 * DAY, rules: { ...NO_RULES, scrubEveryMs: 4 * DAY } });
  bench.cache.setApproved(bodies.map((body, n) => approved(body, [server.serve(`/${n}`, body)])));
  bench.run();
  await eventually(() => bench.cache.status().every(({ state }) => state === "present"));
  if (scrubs) scrub(bench);
  return bench;
}

function scrub(bench: MediaBench): void {
  const abort = new AbortController();
  const running = bench.cache.scrub(abort.signal);
  onTestFinished(() => {
    abort.abort();
    return running;
  });
}

/** Flips one bit and hides it: same length, and the cache's memory of the file knows nothing. */
async function rot(bench: MediaBench, digest: Sha256): Promise<void> {
  const body = await readFile(bench.objectPath(digest));
  body[100_000] = (body[100_000] as number) ^ 1;
  await writeFile(bench.objectPath(digest), body, { flag: "r+" });
}

async function pass(bench: MediaBench, condition: () => boolean, step = MINUTE): Promise<void> {
  await eventually(() => {
    if (condition()) return true;
    bench.clock.advance(step);
    return false;
  });
}
const quarantined = (bench: MediaBench) =>
  bench.events.flatMap((event) => (event.kind === "quarantined" ? [`${event.sha256} ${event.strikes}`] : []));
const readings = async (bench: MediaBench) =>
  (await bench.store.database.all<{ sha256: Sha256 }>("SELECT sha256 FROM media ORDER BY scrub_n")).map(({ sha256 }) =>
    digests.indexOf(sha256),
  );

describe("the scrub", () => {
  it("reads each of 4 objects in its turn within 4 days, one a day", async () => {
    const bench = await filled(await MediaServer.start());
    expect(await readings(bench)).toEqual([0, 1, 2, 3]);
    const begun = bench.clock.now();
    const orders = ["1230", "2301", "3012", "0123"];
    for (const [n, order] of orders.entries()) {
      let seen = "";
      await pass(
        bench,
        () => {
          void readings(bench).then((list) => {
            seen = list.join("");
          });
          return seen === order;
        },
        10 * MINUTE,
      );
      expect(bench.clock.now() - begun).toBeGreaterThanOrEqual((n + 1) * DAY);
    }
    expect(quarantined(bench)).toEqual([]);
  });

  it("finds a flipped bit that no opening would have met, puts the object away and fetches it anew", async () => {
    const server = await MediaServer.start();
    const bench = await filled(server);
    await rot(bench, digests[0] as Sha256);
    await pass(bench, () => quarantined(bench).length > 0, 10 * MINUTE);
    expect(quarantined(bench)).toEqual([`${digests[0]} 1`]);
    await pass(bench, () => bench.cache.status().every(({ state }) => state === "present"));
    expect(await readFile(bench.objectPath(digests[0] as string))).toEqual(bodies[0]);
    expect(server.asked.filter(({ path }) => path === "/0")).toHaveLength(2);
  });

  it("does not believe what the cache remembers of a file whose bytes changed and whose times did not", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "rotten");
    await writeFile(path, "rotten");
    const clock = new ManualClock();
    const spoilt: string[] = [];
    let doubted = false;
    const one = { sha256: digests[0] as Sha256, bytes: 6, used: 1, scrub: 1, scrubbedAt: 0 };
    // A store that remembers having verified this very file, as it does of one that rotted behind its back.
    const objects = {
      list: () => (spoilt.length === 0 ? [one] : []),
      bytesOf: () => 6,
      openUnverified: () => open(path),
      doubt: () => {
        doubted = true;
      },
      openVerified: async () => (doubted ? "altered" : open(path)),
      scrubbed: () => Promise.reject(new Error("it was taken for right")),
    };
    const abort = new AbortController();
    const running = new Scrub({
      objects: objects as unknown as ObjectStore,
      clock,
      everyMs: () => DAY,
      onSpoilt: async (sha256) => void spoilt.push(sha256),
      onFault: () => undefined,
    }).run(abort.signal);
    await eventually(() => {
      clock.advance(MINUTE);
      return spoilt.length > 0;
    });
    expect(spoilt).toEqual([digests[0]]);
    abort.abort();
    await running;
  });

  it("waits for its turn, hurries what is overdue, and is not led astray by a wrong clock", () => {
    const at = Date.parse("2026-11-21T05:00:00Z");
    const next = { sha256: digests[0] as Sha256, bytes: 1, used: 1, scrub: 1, scrubbedAt: at };
    expect(scrubWait(undefined, 0, 7 * DAY, 0, at)).toBe(Number.POSITIVE_INFINITY);
    expect(scrubWait(next, 7, 7 * DAY, HOUR, at)).toBe(23 * HOUR);
    // The board was off for a week.
    expect(scrubWait(next, 7, 7 * DAY, HOUR, at + 8 * DAY)).toBe(0);
    // Read under a clock that was a year ahead, or now unknown: only the turn counts.
    expect(scrubWait(next, 7, 7 * DAY, HOUR, at - 365 * DAY)).toBe(23 * HOUR);
    expect(scrubWait(next, 7, 7 * DAY, HOUR, null)).toBe(23 * HOUR);
    expect(scrubWait(next, 7, 7 * DAY, 2 * DAY, null)).toBe(0);
  });
});

describe("an object that is spoilt three times on this disk", () => {
  it("is given up across restarts, until a person brings it", async () => {
    const server = await MediaServer.start();
    const bench = await filled(server, false);
    const digest = digests[0] as Sha256;
    for (const strike of [1, 2, 3]) {
      await rot(bench, digest);
      expect(await bench.cache.open(digest)).toMatchObject({ reason: "media-altered" });
      const wanted = strike < 3 ? "present" : "given-up";
      await pass(bench, () => bench.cache.status()[0]?.state === wanted);
    }
    expect(quarantined(bench)).toEqual([1, 2, 3].map((n) => `${digest} ${n}`));
    expect(server.asked.filter(({ path }) => path === "/0")).toHaveLength(3);
    expect(bench.cache.account()?.givenUp).toEqual([digest]);
    await bench.store.database.get("SELECT 1");

    const after = await mediaBench({ folder: bench.folder, stallMs: 1_000 * DAY });
    after.cache.setApproved([approved(bodies[0] as Buffer, [server.serve("/0", bodies[0] as Buffer)])]);
    after.run();
    await pass(after, () => after.cache.status()[0]?.state === "given-up");
    expect(server.asked.filter(({ path }) => path === "/0")).toHaveLength(3);
    const stick = join(after.folder, "stick");
    await writeFile(stick, bodies[0] as Buffer);
    expect(await after.cache.importFile(stick, digest)).toBeNull();
    await pass(after, () => after.cache.status()[0]?.state === "present");
    // Once more is the first time again.
    await rot(after, digest);
    expect(await after.cache.open(digest)).toMatchObject({ reason: "media-altered" });
    await pass(after, () => after.cache.status()[0]?.state === "present");
    expect(server.asked.filter(({ path }) => path === "/0")).toHaveLength(4);
  });
});

describe("importing a file", () => {
  it("follows no link and does not wait for a pipe", async () => {
    const bench = await mediaBench();
    const [body, digest] = [bodies[0] as Buffer, digests[0] as Sha256];
    bench.cache.setApproved([approved(body, [])]);
    await writeFile(join(bench.folder, "real"), body);
    await symlink(join(bench.folder, "real"), join(bench.folder, "link"));
    execFileSync("mkfifo", [join(bench.folder, "pipe")]);
    for (const name of ["link", "pipe", "."]) {
      const refused = await bench.cache.importFile(join(bench.folder, name), digest);
      expect([name, refused?.detail]).toEqual([name, expect.stringContaining("no plain file")]);
    }
    expect(await bench.cache.importFile(join(bench.folder, "real"), digest)).toBeNull();
  });
});
