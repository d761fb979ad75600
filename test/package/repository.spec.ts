/** The apt repository as stations meet it: the real apt takes it, and what was tampered with it does not take. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AptRoot } from "../support/package/apt-root.ts";
import { dummyPackage, publish, secretKey } from "../support/package/archive-bench.ts";

const DAY = 86_400;
const now = Math.floor(Date.now() / 1_000);
let bench: string;
let keys: { own: string; other: string; locked: string };
const at = (...parts: string[]) => join(bench, ...parts);

beforeAll(async () => {
  bench = await mkdtemp(join(tmpdir(), "loa-archive-"));
  keys = {
    own: secretKey(bench, "own"),
    other: secretKey(bench, "other"),
    locked: secretKey(bench, "locked", "mật khẩu"),
  };
  for (const name of ["one", "two"]) await mkdir(at(name));
  await dummyPackage(at("one"), "0.1.0+20260101.aaaa");
  await cp(at("one"), at("two"), { recursive: true });
  await dummyPackage(at("two"), "0.1.0+20260201.bbbb");
  // What an attacker may have kept, and what is published today.
  expect(publish({ from: at("one"), to: at("old"), key: keys.own, epoch: now - 30 * DAY })).toMatchObject({ code: 0 });
  expect(publish({ from: at("two"), to: at("new"), key: keys.own, epoch: now - DAY })).toMatchObject({ code: 0 });
});
afterAll(() => rm(bench, { recursive: true, force: true }));

let roots = 0;
/** A station that reads a copy of one of the repositories, and knows the own key. */
async function station(published: "old" | "new") {
  roots += 1;
  const repository = at(`served-${roots}`);
  await cp(at(published), repository, { recursive: true });
  const serve = async (other: string) => {
    await rm(repository, { recursive: true });
    await cp(other, repository, { recursive: true });
  };
  return { repository, serve, apt: await AptRoot.create(at(`root-${roots}`), repository, `${keys.own}.pub`) };
}

async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const kinds = await Promise.all(
    names.map(async (name) => [name, (await stat(join(folder, name))).isFile()] as const),
  );
  return kinds.flatMap(([name, isFile]) => (isFile ? [name] : [])).sort();
}

/** Changes the byte in the middle of every file that the pattern names. */
async function spoil(folder: string, pattern: RegExp): Promise<number> {
  const found = (await filesOf(folder)).filter((name) => pattern.test(name));
  for (const name of found) {
    const bytes = await readFile(join(folder, name));
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await writeFile(join(folder, name), bytes);
  }
  return found.length;
}

describe("a station that updates from the repository", () => {
  it("is offered the newest version and gets its very bytes", async () => {
    const { apt } = await station("new");
    expect(apt.update()).toMatchObject({ code: 0 });
    expect(apt.offered("loa")).toBe("0.1.0+20260201.bbbb");
    expect(apt.download("loa")).toMatchObject({ code: 0 });
    const got = await readFile(at(`root-${roots}`, "loa_0.1.0+20260201.bbbb_amd64.deb"));
    expect(got.equals(await readFile(at("two", "loa_0.1.0+20260201.bbbb_amd64.deb")))).toBe(true);
  });

  it("may go back to a version that is still published", async () => {
    const { apt } = await station("new");
    apt.update();
    expect(apt.download("loa=0.1.0+20260101.aaaa")).toMatchObject({ code: 0 });
  });

  it.each([
    ["the signed text", /InRelease$|Release\.gpg$/, /signature|NO_PUBKEY|Clearsigned file isn't valid/i],
    ["a list", /Packages(\.gz)?$|by-hash/, /Hash Sum mismatch|File has unexpected size/],
  ])("refuses %s with one byte changed", async (_, pattern, why) => {
    const { apt, repository } = await station("new");
    expect(await spoil(repository, pattern)).toBeGreaterThan(0);
    const said = apt.update();
    expect(said.code).toBe(100);
    expect(said.text).toMatch(why);
    expect(apt.offered("loa")).toBeNull();
  });

  it("refuses a package with one byte changed", async () => {
    const { apt, repository } = await station("new");
    expect(await spoil(repository, /bbbb_amd64\.deb$/)).toBe(1);
    expect(apt.update()).toMatchObject({ code: 0 });
    const said = apt.download("loa");
    expect(said.code).toBe(100);
    expect(said.text).toContain("Hash Sum mismatch");
  });

  it("refuses what another key signed", async () => {
    const { apt, serve } = await station("new");
    expect(publish({ from: at("two"), to: at("foreign"), key: keys.other })).toMatchObject({ code: 0 });
    await serve(at("foreign"));
    const said = apt.update();
    expect(said.code).toBe(100);
    expect(said.text).toContain("NO_PUBKEY");
    expect(apt.offered("loa")).toBeNull();
  });

  it("refuses what bears no signature", async () => {
    const { apt, repository } = await station("new");
    for (const name of ["InRelease", "Release.gpg"]) await rm(join(repository, "dists/stable", name));
    const said = apt.update();
    expect(said.code).toBe(100);
    expect(said.text).toContain("is not signed");
  });

  it("keeps what it knows when an older state is replayed, without a word", async () => {
    const { apt, serve } = await station("new");
    apt.update();
    await serve(at("old"));
    expect(apt.update()).toMatchObject({ code: 0 });
    expect(apt.offered("loa")).toBe("0.1.0+20260201.bbbb");
  });

  it("believes an older state on a first visit, until its last day", async () => {
    const { apt } = await station("old");
    expect(apt.update()).toMatchObject({ code: 0 });
    expect(apt.offered("loa")).toBe("0.1.0+20260101.aaaa");
  });

  it("refuses a state that is past its last day", async () => {
    const ended = { from: at("one"), to: at("ended"), key: keys.own, epoch: now - 91 * DAY };
    expect(publish(ended)).toMatchObject({ code: 0 });
    const { apt, serve } = await station("new");
    await serve(at("ended"));
    const said = apt.update();
    expect(said.code).toBe(100);
    expect(said.text).toMatch(/is expired/);
  });

  it("refuses a state from the future, as a board with a wrong clock sees it", async () => {
    const early = { from: at("one"), to: at("early"), key: keys.own, epoch: now + 2 * DAY };
    expect(publish(early)).toMatchObject({ code: 0 });
    const { apt, serve } = await station("new");
    await serve(at("early"));
    const said = apt.update();
    expect(said.code).toBe(100);
    expect(said.text).toMatch(/is not valid yet/);
  });
});

describe("publishing", () => {
  it("gives the same bytes for the same packages, key and date", async () => {
    for (const to of ["first", "again"]) {
      expect(publish({ from: at("two"), to: at(to), key: keys.own, epoch: now })).toMatchObject({ code: 0 });
    }
    const names = await filesOf(at("first"));
    expect(names.length).toBeGreaterThan(8);
    expect(await filesOf(at("again"))).toEqual(names);
    for (const name of names) {
      expect((await readFile(at("first", name))).equals(await readFile(at("again", name))), name).toBe(true);
    }
  });

  it("publishes nothing without a key, or with one that is no secret key", async () => {
    expect(publish({ from: at("two"), to: at("unsigned") })).toMatchObject({ code: 64 });
    const said = publish({ from: at("two"), to: at("unsigned"), key: `${keys.own}.pub` });
    expect(said.code).toBe(70);
    expect(said.text).toContain("holds no secret key");
    await expect(stat(at("unsigned"))).rejects.toThrow("ENOENT");
  });

  it("opens a locked key only with its passphrase", async () => {
    const said = publish({ from: at("two"), to: at("locked"), key: keys.locked });
    expect(said.code).toBe(70);
    await expect(stat(at("locked"))).rejects.toThrow("ENOENT");
    await writeFile(at("passphrase"), "mật khẩu\n");
    const more = ["--passphrase-file", at("passphrase")];
    expect(publish({ from: at("two"), to: at("locked"), key: keys.locked, more })).toMatchObject({ code: 0 });
  });

  it("refuses other bytes under a published name, an earlier date, and a folder that holds something else", async () => {
    await cp(at("new"), at("standing"), { recursive: true });
    await mkdir(at("forged"));
    await dummyPackage(at("forged"), "0.1.0+20260201.bbbb", "other bytes");
    const forged = publish({ from: at("forged"), to: at("standing"), key: keys.own });
    expect(forged).toMatchObject({ code: 65, text: expect.stringContaining("other bytes") });
    const earlier = publish({ from: at("two"), to: at("standing"), key: keys.own, epoch: now - 2 * DAY });
    expect(earlier).toMatchObject({ code: 65, text: expect.stringContaining("later date") });
    const elsewhere = publish({ from: at("two"), to: at("one"), key: keys.own });
    expect(elsewhere).toMatchObject({ code: 65, text: expect.stringContaining("something else") });
    expect((await readdir(at("one"))).filter((name) => name.endsWith(".deb"))).toEqual([
      "loa_0.1.0+20260101.aaaa_amd64.deb",
    ]);
    expect(await readFile(at("standing", "dists/stable/InRelease"))).toEqual(
      await readFile(at("new", "dists/stable/InRelease")),
    );
  });

  it("leaves no key behind", async () => {
    const homes = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("loa-gpg-"));
    const before = await homes();
    publish({ from: at("forged-nowhere"), to: at("nowhere"), key: keys.own });
    expect(await homes()).toEqual(before);
  });
});
