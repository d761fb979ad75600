/** Warnings in words: one sentence for a concern, one line for the technician; and that they are not worked out every second. */
import { describe, expect, it } from "vitest";
import { AgendaWarnings, incompleteDetail, obstacleDetail } from "../../../agent/agenda-warnings.ts";
import { warningLine } from "../../../agent/cli/warning-words.ts";
import { Words } from "../../../agent/cli/words.ts";
import type { Warning } from "../../../playback/arbiter/warnings.ts";
import { MINUTE, SECOND } from "../../../playback/model/units.ts";
import { digest, item, local, programme, VirtualCluster } from "../../support/virtual/virtual-cluster.ts";

const AT = local("2026-11-20 05:00");
const about = { key: "commune:sang@x", title: "Sáng", level: "commune", at: AT } as const;
const lacking: Warning = {
  ...about,
  kind: "incomplete",
  lacking: [{ sha256: digest("a"), title: "Bản tin", why: "media-missing" }],
  of: 3,
};
const other = { key: "k", title: "Dài" };
const dropped: Warning = { ...about, kind: "conflict", outcome: "dropped", with: other, lateMs: null };
const waits: Warning = { ...about, kind: "conflict", outcome: "waits", with: other, lateMs: 180_000 };
const refused: Warning = { ...about, kind: "refused", why: { reason: "quiet-hours", detail: "quiet" } };
const timeOf = () => "05:00";

describe("a concern's sentence", () => {
  it("says that 05:00 lacks 1 of 3 media, and how many more", () => {
    expect(incompleteDetail([lacking], timeOf)).toBe("05:00 'Sáng' lacks 1 of 3 media");
    expect(incompleteDetail([lacking, lacking], timeOf)).toBe("05:00 'Sáng' lacks 1 of 3 media, and 1 more");
    expect(incompleteDetail([dropped], timeOf)).toBeNull();
  });

  it("names what will be dropped or refused, not what only waits", () => {
    expect(obstacleDetail([waits], timeOf)).toBeNull();
    expect(obstacleDetail([waits, dropped, refused], timeOf)).toBe(
      "05:00 'Sáng' will be dropped because of 'Dài', and 1 more",
    );
  });
});

describe("a technician's line", () => {
  const lines = (language: "vi" | "en") =>
    [lacking, waits, dropped, refused].map((warning) =>
      warningLine({ ...warning, at: new Date(AT).toISOString() }, "Asia/Ho_Chi_Minh", new Words(language)),
    );

  it("is said in both languages", () => {
    const head = "2026-11-20 05:00:00  Sáng [commune] —";
    expect(lines("en")).toEqual([
      `${head} lacks 1 of 3 media: Bản tin (media missing)`,
      `${head} waits 180 s for 'Dài'`,
      `${head} WILL NOT PLAY because 'Dài' holds the output`,
      `${head} WILL BE REFUSED OR CUT: quiet hours (quiet)`,
    ]);
    for (const line of lines("vi")) expect([line, line.normalize("NFC") === line]).toEqual([line, true]);
    expect(lines("vi")[0]).toContain("thiếu 1 trong 3 tệp: Bản tin (thiếu tệp)");
  });
});

describe("the warnings at hand", () => {
  it("are worked out anew when facts, media or a minute changed, and not before", async () => {
    const cluster = new VirtualCluster(local("2026-11-20 04:00"), { programmes: [programme("sang")] }, { sang: 5_000 });
    const status: { state: string; sha256: string }[] = [];
    const parts = { outputs: [cluster], clock: cluster.clock, media: { status: () => status } } as never;
    const book = new AgendaWarnings();
    const first = book.current(parts);
    expect(first.map(({ kind }) => kind)).toEqual(["incomplete"]);
    await cluster.clock.advance(30 * SECOND);
    expect(book.current(parts)).toBe(first);
    status.push({ state: "present", sha256: digest("sang") });
    expect(book.current(parts)).toEqual([]);
    cluster.change({ programmes: [programme("sang", { items: [item("sang"), item("khac")] })] });
    expect(book.current(parts).map(({ kind }) => kind)).toEqual(["incomplete"]);
    const last = book.current(parts);
    await cluster.clock.advance(MINUTE);
    expect(book.current(parts)).not.toBe(last);
  });
});
