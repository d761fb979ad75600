import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ContactWatch } from "../../../agent/contacts/contact-watch.ts";
import { type ContactState, contactAfter, UNSEEN } from "../../../agent/contacts/debounce.ts";
import { byContact, useContact } from "../../../agent/contacts/use-contact.ts";
import { createContact } from "../../../drivers/input/create.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import { realClock } from "../../support/sound/real-clock.ts";

const STEADY = 300;

/** Readings every 100 ms: `x` closed, `.` open, `?` not to be read, `m` closed after it moved to and fro in between. */
function happenings(readings: string): string[] {
  let state: ContactState = UNSEEN;
  return [...readings].flatMap((one, n) => {
    const closed = one === "?" ? null : one === "x" || one === "m";
    const after = contactAfter(state, closed, n * 100, STEADY, one === "m");
    state = after.state;
    return after.happened === null ? [] : [`${after.happened}@${n}`];
  });
}

describe("a contact", () => {
  it.each([
    ["is closed once it has been for its time", "....xxxxxx....", ["found-open@3", "closed@7", "opened@13"]],
    ["that bounces is closed when it rests", "....x.x.xxxx", ["found-open@3", "closed@11"]],
    ["that bounces between two readings is closed when it rests", "....xmmmxxxx", ["found-open@3", "closed@10"]],
    ["that flickers for a moment did nothing", "....xx....x...", ["found-open@3"]],
    ["that is closed when it is first seen did nothing; its opening counts", "xxxxxxxx....", ["opened@11"]],
    [
      "that cannot be read for a while is not open for that",
      "....xxxx???xxxx....",
      ["found-open@3", "closed@7", "opened@18"],
    ],
  ])("%s", (_, readings, expected) => expect(happenings(readings)).toEqual(expected));
});

describe("contacts that are watched", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "loa-contact-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("act on a real file, say which cannot be read, and go on when it can", async () => {
    const file = join(folder, "key");
    const acts: string[] = [];
    const watch = new ContactWatch(
      [{ contact: createContact("khoá", { kind: "simulated", file }), does: "local-alert", steadyMs: 50 }],
      {
        clock: realClock,
        act: async (does, happened, by) => void acts.push(`${does} ${happened} ${by}`),
        tell: () => Promise.resolve(),
        onFault: () => undefined,
      },
    );
    const stop = new AbortController();
    const running = watch.run(stop.signal);
    const until = async (holds: () => boolean) => {
      for (let tries = 0; tries < 500 && !holds(); tries++) await realClock.wait(20);
      expect(holds()).toBe(true);
    };
    await until(() => watch.problems.length === 1);
    expect(watch.problems[0]).toContain("khoá");
    await writeFile(file, "rubbish");
    stop.abort();
    await running;
    await writeFile(file, "0");
    const again = new ContactWatch(
      [{ contact: createContact("khoá", { kind: "simulated", file }), does: "mute", steadyMs: 50 }],
      {
        clock: realClock,
        act: async (does, happened, by) => void acts.push(`${does} ${happened} ${by}`),
        tell: () => Promise.resolve(),
        onFault: () => undefined,
      },
    );
    const halt = new AbortController();
    const second = again.run(halt.signal);
    await realClock.wait(300);
    await writeFile(file, "1");
    await until(() => acts.length === 2);
    expect(acts).toEqual(["mute found-open contact khoá", "mute closed contact khoá"]);
    halt.abort();
    await second;
  });
});

const [BY_K, BY_ANOTHER] = [byContact("k"), byContact("another")];

describe("what a contact does", () => {
  const done: string[] = [];
  const board = {
    raised: { identifier: "local-1", sent: 0, by: BY_K },
    raiseAlert: (by: string) => {
      done.push(`raise ${by}`);
      return Promise.resolve("local-1");
    },
    stopEmergencies: (ids: readonly string[] | null, by: string) => {
      done.push(`stop ${ids?.join() ?? "all"} ${by}`);
      return Promise.resolve([]);
    },
    setMuted: async (muted: boolean, by: string) => void done.push(`mute ${muted} ${by}`),
  };
  const pages = {
    standing: null as { id: string; by: string } | null,
    begin: (by: string) => {
      done.push(`page ${by}`);
      return Promise.resolve("page-1");
    },
    stop: (by: string) => {
      done.push(`release ${by}`);
      return Promise.resolve("page-1");
    },
  };

  it("is what station.yaml says: alert while the key is turned, stop at a push, mute while closed", async () => {
    for (const does of ["local-alert", "emergency-stop", "mute"] as const) {
      await useContact(board, pages, does, "closed", BY_K, false);
      await useContact(board, pages, does, "opened", BY_K, false);
    }
    expect(done).toEqual(
      ["raise k", "stop local-1 k", "stop all k", "mute true k", "mute false k"].map((one) => one.replace(/k$/, BY_K)),
    );
  });

  it("lets one speak while it is pushed; who did not begin does not end it", async () => {
    done.length = 0;
    const speaking = { ...pages, standing: { id: "page-1", by: BY_K } };
    await useContact(board, pages, "page", "closed", BY_K, false);
    await useContact(board, speaking, "page", "opened", BY_ANOTHER, false);
    await useContact(board, speaking, "page", "opened", BY_K, false);
    expect(done).toEqual([`page ${BY_K}`, `release ${BY_K}`]);
    const begin = async () => refusal("policy", "no signed configuration");
    await expect(useContact(board, { ...pages, begin }, "page", "closed", BY_K, false)).rejects.toThrow("no signed");
  });

  it("is nothing where it is open at the start, but for the key whose alert stands still", async () => {
    done.length = 0;
    for (const does of ["local-alert", "emergency-stop", "mute", "page"] as const) {
      await useContact(board, pages, does, "found-open", BY_ANOTHER, false);
      await useContact(board, pages, does, "found-open", BY_K, false);
    }
    expect(done).toEqual([`stop local-1 ${BY_K}`]);
  });

  it("ends an alert with the last key that is turned back, and never one that was raised by a word", async () => {
    done.length = 0;
    const opened = (held: boolean, by: string) =>
      useContact({ ...board, raised: { ...board.raised, by } }, pages, "local-alert", "opened", BY_K, held);
    await opened(true, BY_K);
    await opened(false, "officer");
    expect(done).toEqual([]);
    await opened(false, BY_ANOTHER);
    expect(done).toEqual([`stop local-1 ${BY_K}`]);
  });

  it("fails where nothing signed says what may be raised", async () => {
    const raiseAlert = async () => refusal("policy", "no signed configuration");
    await expect(useContact({ ...board, raiseAlert }, pages, "local-alert", "closed", BY_K, false)).rejects.toThrow(
      "no signed",
    );
  });
});
