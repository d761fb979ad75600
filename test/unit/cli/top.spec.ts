import { describe, expect, it } from "vitest";
import type { FacesView } from "../../../agent/board/faces-view.ts";
import { cut, fitted, plain, widthOf, wrapped } from "../../../agent/cli/plain-text.ts";
import { bar, frame } from "../../../agent/cli/top/frame.ts";
import { Words } from "../../../agent/cli/words.ts";
import type { StatusView } from "../../../agent/control/views.ts";

const TITLE = "Bản tin buổi sáng của xã về việc tiêm phòng cho đàn gia súc và gia cầm";
const output = {
  name: "horn",
  onAir: { title: TITLE, item: "Phần 1", class: "priority", positionMs: 45_000, durationMs: 150_000, live: null },
  over: null,
  waiting: [],
  next: [{ title: "Phát thanh chiều", at: "2026-11-22T10:00:00Z", class: "normal" }],
  volume: { percent: 80, db: -4, ceiling: 100, emergency: { percent: 100, db: 0 } },
  sound: { state: "running", detail: "", rms: -18.24, peak: -6 },
  amplifier: { phase: "on-air", reading: null },
};
const STATUS = {
  ...{ station: "xa-00004-cum-01", commune: "00004", province: "01", version: "0.1.0" },
  clock: { now: "2026-11-22T05:00:05Z", trust: "attested", detail: "", correctionMs: 0 },
  safeMode: { on: false, rung: null, why: null, leavesInMs: null },
  ...{ outputs: [output], muted: false, emergencies: [] },
  ...{ media: { present: 12, known: 12 }, journal: { count: 1_234 }, outbox: { rows: 3 } },
  link: { connected: true, lastError: null, brokers: 1 },
  concerns: [],
} as unknown as StatusView;
const CONCERN = { code: "on-battery", severity: "warning", detail: "80 %", since: "" };

const drawn = (change: object = {}, columns = 80, language: "vi" | "en" = "vi") =>
  frame(
    { status: { ...STATUS, ...change } as StatusView, faces: null },
    { words: new Words(language), columns, paint: (_, text) => text },
  );

describe("the dashboard", () => {
  it("shows what is on air with position and level", () => {
    const text = drawn().join("\n");
    expect(text).toContain("▶ Bản tin buổi sáng");
    expect(text).toMatch(/█+░+ 0:45 \/ 2:30/);
    expect(text).toMatch(/running {3}█+░+ -18\.2 dBFS · Âm lượng 80 % · on-air/);
    expect(text).toContain("Sắp phát: 11-22 17:00 Phát thanh chiều");
    expect(text).toContain("Mọi thứ bình thường.");
  });

  it.each([60, 80, 132, 200])("is never wider than %s cells, in either language, whatever stands in it", (columns) => {
    const change = {
      ...{ muted: true, concerns: [CONCERN], safeMode: { on: true, rung: "snapshot", why: "", leavesInMs: 1 } },
      emergencies: [{ identifier: "bao-1", headline: TITLE.repeat(4), expires: null }],
    };
    for (const language of ["vi", "en"] as const) {
      for (const line of drawn(change, columns, language)) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    }
  });

  it("says what is wrong by its sentence, and that it is muted or in safe mode", () => {
    const text = drawn(
      { concerns: [CONCERN], muted: true, safeMode: { on: true, rung: "bare", why: "", leavesInMs: 1 } },
      80,
      "en",
    ).join("\n");
    expect(text).toMatch(/SAFE MODE[\s\S]*MUTED[\s\S]*✗ warning · on-battery\n {4}Running on battery/);
  });

  it("lets no title move the cursor or turn the text around", () => {
    const title = "Xin chào\u001b[2J\u202edòng\r\n";
    const text = drawn({ outputs: [{ ...output, onAir: { ...output.onAir, title } }] }).join("\n");
    for (const control of ["\u001b", "\u202e", "\r"]) expect(text).not.toContain(control);
    expect(plain("a\u0007b")).toBe("a b");
  });

  it("shows faces, and those that do not confirm", () => {
    const face = {
      name: "mat-a",
      size: { width: 1920, height: 1080 },
      light: { lit: true, percent: 70 },
      title: "Lịch cắt điện",
    };
    const faces = {
      kiosk: null,
      faces: [
        { ...face, unconfirmedMs: null },
        { ...face, name: "mat-b", unconfirmedMs: 9_000 },
      ],
    };
    const lines = frame(
      { status: STATUS, faces: faces as unknown as FacesView },
      { words: new Words("vi"), columns: 80, paint: (_, text) => text },
    ).join("\n");
    expect(lines).toMatch(/▣ mat-a 1920×1080 70 % · Lịch cắt điện\n✗ mat-b/);
  });
});

describe("text for a terminal", () => {
  it("is measured in cells: composed letters are one, wide ones two", () => {
    expect([widthOf("tiếng Việt"), widthOf("e\u0301"), widthOf("广播")]).toEqual([10, 1, 4]);
  });
  it("is cut, filled and wrapped to a width", () => {
    expect([cut("thông báo", 6), fitted("xã", 4), fitted("广播台", 5)]).toEqual(["thông…", "xã  ", "广播…"]);
    expect(wrapped("một hai ba bốn", 7)).toEqual(["một hai", "ba bốn"]);
    expect([bar(0.5, 4), bar(7, 3), bar(-1, 3)]).toEqual(["██░░", "███", "░░░"]);
  });
});
