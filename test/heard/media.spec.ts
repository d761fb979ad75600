/** Media that were altered, cut short, lost or never approved make no sound; the programme goes on and says why. */
import { open, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MediaFile } from "../source/media.ts";
import { localParts, STATION } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";

interface SlotBody {
  readonly id: string;
  readonly outcome: string;
  readonly segments: readonly {
    readonly itemId: string;
    readonly outcome: string;
    readonly refusal?: { readonly reason: string };
  }[];
}

let heard: HeardCluster;
let good: MediaFile;
let altered: MediaFile;
let short: MediaFile;
let lost: MediaFile;
let stranger: MediaFile;
let last: MediaFile;
let at: number;

const item = (id: string, { sha256, title }: MediaFile) => ({ kind: "media" as const, id, title, sha256 });

beforeAll(async () => {
  heard = await HeardCluster.open();
  const { cluster } = heard;
  good = await heard.speech("Đây là bản tin thứ nhất.", "mp3");
  altered = await heard.speech("Nội dung này đã bị sửa trên đĩa.", "flac");
  short = await heard.speech("Tệp này chỉ còn một nửa.", "m4a");
  lost = await heard.speech("Tệp này đã bị xoá.", "opus");
  stranger = await heard.speech("Không ai duyệt nội dung này.", "mp3");
  last = await heard.speech("Bản tin đến đây là hết.", "opus");
  const agent = await cluster.startAgent();
  await cluster.approve([good, altered, short, lost, last]);
  await cluster.cached();
  // Measuring opens each file once, and would find out before the programme does.
  await agent.until("all media measured", ({ media }) => media.unmeasured === 0);
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
  await cluster.mediaServer.stop();
  const object = ({ sha256 }: MediaFile) => join(cluster.folder, "state/media/objects", sha256.slice(0, 2), sha256);
  const file = await open(object(altered), "r+");
  const { size } = await file.stat();
  await file.write(Buffer.from([0x55]), 0, 1, Math.floor(size / 2));
  await file.close();
  await truncate(object(short), Math.floor((await stat(object(short))).size / 2));
  await rm(object(lost));
  at = Math.ceil((Date.now() + 2_500) / 1_000) * 1_000;
  const { date, time } = localParts(at);
  const items = [
    item("good", good),
    item("altered", altered),
    item("short", short),
    item("lost", lost),
    item("stranger", stranger),
    item("last", last),
  ];
  await cluster.schedule([
    { id: "sang", title: "Bản tin", class: "normal", recurrence: { kind: "once", date }, start: time, items },
  ]);
  await heard.recorder.until(at + good.durationMs + last.durationMs + 1_500);
}, 60_000);

afterAll(() => heard?.close());

describe("a programme with bad media", () => {
  it("sounds only what is whole and approved, joined", () => {
    const [first, end] = [heard.find(good, at, 1_000), heard.find(last, at + good.durationMs, 1_000)];
    expect([first.score, end.score].every((score) => score > 0.8)).toBe(true);
    expect(Math.abs(end.at - first.at - good.durationMs)).toBeLessThan(30);
    for (const bad of [altered, short, lost, stranger])
      expect(heard.find(bad, at + 3_000, 5_000).score, bad.title).toBeLessThan(0.6);
    expect(heard.unplanned([first.interval, end.interval])).toEqual([]);
  });

  it("has a record that says why each of the others did not", async () => {
    const slot = await heard.cluster.source.waitFor((source) => {
      const records = source.records(STATION).map(({ record }) => record as { kind: string; body: SlotBody });
      return records.find(({ kind }) => kind === "slot")?.body ?? null;
    }, 10_000);
    expect(slot.outcome).toBe("partial");
    const why = slot.segments.map(({ itemId, outcome, refusal }) => [itemId, refusal?.reason ?? outcome]);
    expect(why.sort()).toEqual([
      ["altered", "media-altered"],
      ["good", "completed"],
      ["last", "completed"],
      ["lost", "media-missing"],
      ["short", "media-altered"],
      ["stranger", "digest-not-approved"],
    ]);
  });
});
