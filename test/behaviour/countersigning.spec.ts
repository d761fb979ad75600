/** The province's word under an acceptance: at enrolment and later, by the door that all documents pass, and never by anything else. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Downlink, type DownlinkPorts } from "../../agent/downlink.ts";
import { type Acceptance, keepAcceptance } from "../../agent/setup/acceptance.ts";
import { acceptancePage } from "../../agent/setup/acceptance-page.ts";
import { acceptanceView, countersign } from "../../agent/setup/countersigning.ts";
import { journalAcceptances } from "../../agent/setup/journal-acceptance.ts";
import type { Refusal } from "../../playback/model/refusal.ts";
import { Door, type DraftOptions, IDENTITY } from "../unit/trust/door.ts";

const OWN = `station/${IDENTITY.station}` as const;
const OTHER = "xa-00007-cum-09";
const AT = "2026-11-22T08:30:00+07:00";

let door: Door;
let acknowledged: number;

beforeEach(async () => {
  door = await Door.open();
  acknowledged = 0;
});
afterEach(() => door.close());

const state = () => join(door.folder, "state");
const acceptanceOf = (station: string, technician = "Trần Văn An"): Acceptance => ({
  ...{ version: 1, station, commune: "00004", province: "01", hamlet: null, software: "0.1.0", technician },
  ...{ place: "Cột điện đầu thôn 1", position: null, at: new Date(door.clock.now()).toISOString(), rootKeys: [] },
  clock: { source: "chrony", synchronised: true, errorMs: 4, rtc: true },
  ...{ stationKey: "f".repeat(64), results: [], pictures: [] },
});

/** As set-up leaves it, taken up by the agent. */
async function accept(station: string = IDENTITY.station, technician?: string) {
  const made = acceptanceOf(station, technician);
  const kept = await keepAcceptance(state(), made, acceptancePage(made, IDENTITY.zone));
  const file = { state: state(), station: IDENTITY.station };
  return { ...kept, fresh: await journalAcceptances({ store: door.store, clock: door.clock, file }) };
}

const ackOf = (sha256: string, more: object = {}) => ({
  ...{ station: IDENTITY.station, stream: "a-stream", events: 0 },
  acceptance: { sha256, at: AT },
  ...more,
});

/** What becomes of an acknowledgement at the station: `null`, or why it is refused. */
async function receive(body: object, options: DraftOptions = {}, spoil = (bytes: Buffer) => bytes) {
  const { bytes } = await door.letter("ack", body, { address: OWN, ...options });
  return take(`loa/v1/${OWN}/ack`, spoil(bytes));
}

function take(topic: string, bytes: Buffer): Promise<Refusal | null> {
  const { admission, store, clock } = door;
  const ports: Partial<DownlinkPorts> = {
    admission,
    station: IDENTITY.station,
    nonce: () => null,
    onAck: ({ events }) => {
      acknowledged = events;
      return Promise.resolve();
    },
    onCountersigned: (examined) => countersign(examined, { store, clock, state: state(), zone: IDENTITY.zone }),
    onRefused: () => undefined,
  };
  // No command comes here.
  return new Downlink(ports as DownlinkPorts).take(topic, bytes, "link");
}

const records = async (kind: string) =>
  (await door.journal(100)).filter((one) => one.kind === kind).map(({ body }) => body as object);
const signedFiles = async () =>
  (await readdir(join(state(), "acceptance"))).filter((name) => name.includes(".countersigned.")).sort();

describe("the countersignature of an acceptance", () => {
  it("is kept with its signed bytes, journalled, and shown in a page beside the printed one, which stays as it is", async () => {
    const { recordSha256, page, sha256 } = await accept();
    expect(acceptanceView(door.store.notes)).toEqual({ sha256: recordSha256, countersigned: null });
    const before = await readFile(page, "utf8");
    expect(before).toContain("not yet: the province signs when the station enrols");
    const { bytes } = await door.letter("ack", ackOf(recordSha256, { events: 7 }), { address: OWN });
    expect(await take(`loa/v1/${OWN}/ack`, bytes)).toBeNull();
    expect(acknowledged).toBe(7);
    const signed = page.replace(".html", ".countersigned.html");
    const at = "2026-11-22T01:30:00.000Z";
    expect(acceptanceView(door.store.notes)?.countersigned).toEqual({ by: "province-01", at, page: signed });
    const shown = await readFile(signed, "utf8");
    for (const text of ["province-01 đã ký xác nhận lúc 2026-11-22 08:30:00", "countersigned by province-01 on"]) {
      expect(shown).toContain(text);
    }
    expect(shown).toContain(recordSha256);
    expect(await readFile(page.replace(".html", ".countersigned.jws"))).toEqual(bytes);
    expect(
      createHash("sha256")
        .update(await readFile(page))
        .digest("hex"),
    ).toBe(sha256);
    expect((await records("acceptance-countersigned"))[0]).toMatchObject({ recordSha256, by: "province-01", at });
  });

  it("is said once: a later word on the same record changes nothing, also after a restart", async () => {
    const { recordSha256 } = await accept();
    await receive(ackOf(recordSha256));
    await door.restart();
    const later = { sha256: recordSha256, at: "2027-01-01T00:00:00+07:00" };
    expect(await receive(ackOf(recordSha256, { acceptance: later }))).toBeNull();
    expect(acceptanceView(door.store.notes)?.countersigned?.at).toBe("2026-11-22T01:30:00.000Z");
    expect(await records("acceptance-countersigned")).toHaveLength(1);
  });

  it("belongs to its record: a newer acceptance is not countersigned by the word on the one before", async () => {
    const first = await accept();
    await receive(ackOf(first.recordSha256));
    await door.clock.advance(60_000);
    const second = await accept(IDENTITY.station, "Lê Thị Bình");
    expect(acceptanceView(door.store.notes)).toEqual({ sha256: second.recordSha256, countersigned: null });
    expect(await receive(ackOf(second.recordSha256))).toBeNull();
    expect(acceptanceView(door.store.notes)?.countersigned?.by).toBe("province-01");
  });

  it.each<[string, RegExp | string, (sha256: string) => Promise<Refusal | null>]>([
    ["a wrong digest", "policy", () => receive(ackOf("0".repeat(64)))],
    [
      "a word to another station",
      "wrong-audience",
      (sha256) => receive(ackOf(sha256, { station: OTHER }), { address: `station/${OTHER}` }),
    ],
    ["a word on what another station said", "wrong-audience", (sha256) => receive(ackOf(sha256, { station: OTHER }))],
    [
      "an unsigned word",
      "malformed",
      (sha256) =>
        receive(ackOf(sha256), {}, (bytes) =>
          Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), signatures: [] })),
        ),
    ],
    [
      "a signature under other words",
      "bad-signature",
      (sha256) =>
        receive(ackOf("1".repeat(64)), {}, (bytes) => {
          const { payload, ...rest } = JSON.parse(bytes.toString());
          const words = Buffer.from(payload, "base64url").toString().replace("1".repeat(64), sha256);
          return Buffer.from(JSON.stringify({ ...rest, payload: Buffer.from(words).toString("base64url") }));
        }),
    ],
    [
      "a word by the keys of another role",
      "out-of-scope",
      (sha256) => receive(ackOf(sha256), { keys: door.keysOf("schedule") }),
    ],
    ["a word that has ended", "expired", (sha256) => receive(ackOf(sha256), { iat: 0, exp: 1_000 })],
    [
      "a word that came under another topic",
      "wrong-audience",
      async (sha256) => {
        const { bytes } = await door.letter("ack", ackOf(sha256), { address: OWN });
        return take(`loa/v1/${OWN}/time`, bytes);
      },
    ],
  ])("is refused with a reason and not shown: %s", async (_what, reason, attempt) => {
    const { recordSha256 } = await accept();
    const refused = await attempt(recordSha256);
    expect(refused?.reason).toMatch(reason);
    expect(refused?.detail).not.toBe("");
    expect(acceptanceView(door.store.notes)).toEqual({ sha256: recordSha256, countersigned: null });
    expect([await signedFiles(), await records("acceptance-countersigned")]).toEqual([[], []]);
  });

  it("is refused for another station's acceptance that lies in this one's folder, which is not journalled either", async () => {
    const foreign = await accept(OTHER);
    expect([foreign.fresh, acceptanceView(door.store.notes)]).toEqual([0, null]);
    expect(await receive(ackOf(foreign.recordSha256))).toMatchObject({
      reason: "policy",
      detail: expect.stringContaining("is none of this station"),
    });
    expect(await signedFiles()).toEqual([]);
  });

  it.each(["record", "page"] as const)("is refused where the %s was altered after it was journalled", async (which) => {
    const kept = await accept();
    const { recordSha256 } = kept;
    await writeFile(kept[which], (await readFile(kept[which], "utf8")).replace("Trần Văn An", "Trần Văn Ánh"));
    expect(await receive(ackOf(recordSha256))).toMatchObject({
      reason: "policy",
      detail: expect.stringContaining("was altered"),
    });
    expect([acceptanceView(door.store.notes)?.countersigned, await signedFiles()]).toEqual([null, []]);
  });

  it("is not lost by a cut between page and database: the next word writes both again", async () => {
    const { recordSha256, page } = await accept();
    const signed = page.replace(".html", ".countersigned.html");
    await mkdir(signed);
    await expect(receive(ackOf(recordSha256))).rejects.toThrow();
    expect(acceptanceView(door.store.notes)?.countersigned).toBeNull();
    await rmdir(signed);
    expect(await receive(ackOf(recordSha256))).toBeNull();
    expect(await readFile(signed, "utf8")).toContain("countersigned by province-01");
  });
});
