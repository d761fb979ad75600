import { describe, expect, it } from "vitest";
import { decideFace } from "../../../playback/board/decide.ts";
import { showingOf } from "../../../playback/board/scene.ts";
import type { Face, Playlist, Region } from "../../../playback/model/board.ts";
import type { ClockTrust } from "../../../playback/model/clock-trust.ts";
import type { Emergency } from "../../../playback/model/emergency.ts";
import type { Facts } from "../../../playback/model/facts.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import type { ApprovedMedia, Origin } from "../../../playback/model/schedule.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import { textDigest } from "../../../playback/sound/text-digest.ts";

const ZONE = "Asia/Ho_Chi_Minh";
const at = (time: string) => Date.parse(`2026-11-22T${time}:00+07:00`);
const NOW = at("08:00");
const ORIGIN: Origin = {
  ...{ issuer: "tinh", adoptedAt: 0, address: "all", documentSha256: "d".repeat(64) as Sha256, keys: ["k"] },
};
const FACE: Face = {
  ...{ name: "truoc", rect: { x: 0, y: 0, width: 960, height: 540 }, size: { width: 960, height: 540 } },
  ...{ rotation: 0, languages: ["vi", "en"] },
};
const sha = (letter: string) => letter.repeat(64) as Sha256;
const PICTURE: ApprovedMedia = {
  ...{ sha256: sha("a"), sizeBytes: 1, type: "image/png", durationMs: 0, title: "ảnh", urls: [], pinned: false },
};
const FILM: ApprovedMedia = { ...PICTURE, sha256: sha("b"), type: "video/mp4", durationMs: 12_000, title: "phim" };
const SPEECH: ApprovedMedia = { ...PICTURE, sha256: sha("c"), type: "audio/mpeg", title: "tin" };

function region(kind: Region["kind"], items: Region["items"] = [], more: Partial<Region> = {}): Region {
  return {
    ...{ id: kind, kind, x: 0, y: 0, width: 100, height: 100, items, dwellMs: 8_000, fit: "contain", pace: 3 },
    ...{ foreground: "#ffffff", background: "#000000", ...more },
  };
}
const media = ({ sha256, title }: ApprovedMedia) => ({ kind: "media" as const, id: title, title, sha256 });
const text = (words: string) => ({ kind: "text" as const, id: "chu", title: "chữ", language: "vi", text: words });

function playlist(id: string, more: Partial<Playlist> = {}): Playlist {
  return {
    ...{ id, title: id, level: "province", class: "normal", filler: false, order: 100, faces: [] },
    ...{ recurrence: { kind: "weekly", weekdays: ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] } },
    ...{ start: "07:00", end: "09:00", layout: [region("image", [media(PICTURE)])], origin: ORIGIN, ...more },
  } as Playlist;
}
function alert(identifier: string, more: Partial<Emergency> = {}): Emergency {
  return {
    ...{ identifier, sent: NOW - 60_000, status: "actual", severity: "extreme", headline: "Lũ quét", language: "vi" },
    ...{ text: "Di dời ngay", items: [], repeat: { rounds: 1, gapMs: 0 }, expires: NOW + 3_600_000, longestMs: 1e9 },
    ...{ outputs: [], origin: ORIGIN, ...more },
  } as Emergency;
}

function facts(change: Partial<Facts> = {}): Facts {
  return {
    ...{ zone: ZONE, outputs: ["loa"], programmes: [], playlists: [], live: new Map(), suspensions: [], muted: false },
    ...{ approved: new Map([PICTURE, FILM, SPEECH].map((one) => [one.sha256, one])), texts: new Set() },
    ...{ emergencies: [], announcements: [], policy: DEFAULT_POLICY, ...change },
  };
}

interface Case {
  now?: number;
  trust?: ClockTrust;
  lit?: boolean;
  face?: Face;
  has?: (sha256: Sha256) => boolean;
}
function decided(change: Partial<Facts>, { now = NOW, trust = "attested", lit = true, face = FACE, has }: Case = {}) {
  const all = facts(change);
  const decision = decideFace({ facts: all, face, now, trust, lit });
  const painted = showingOf(decision.plan, face, { facts: all, has: has ?? (() => true) });
  const { showing } = painted;
  const name = showing.kind === "layout" ? showing.title : showing.kind;
  return { ...decision, ...painted, name };
}
const held = (emergency: Emergency) => ({ emergency, ended: null });

describe("a face", () => {
  it("shows the playlist whose window it is, and is blank outside", () => {
    expect(decided({ playlists: [playlist("sang")] }).name).toBe("sang");
    expect(decided({ playlists: [playlist("sang")] }, { now: at("09:00") }).name).toBe("blank");
    expect(decided({ playlists: [playlist("sang")] }, { now: at("06:59") }).next).toEqual({
      title: "sang",
      at: at("07:00"),
    });
  });

  it("asks again when the next window begins or this one ends", () => {
    const playlists = [playlist("sang"), playlist("giua", { start: "08:30", end: "08:45" })];
    expect(decided({ playlists }).until).toBe(at("08:30"));
    expect(decided({ playlists }, { now: at("08:50") }).until).toBe(at("09:00"));
  });

  it("puts a greater class first, then the commune's order, and fills with filler", () => {
    const normal = playlist("a", { order: 5 });
    const priority = playlist("b", { class: "priority" });
    const filler = playlist("c", { filler: true, order: 1 });
    const found = decided({ playlists: [normal, priority, filler] });
    expect(found.name).toBe("b");
    expect(found.waiting.map(({ title }) => title).sort()).toEqual(["a", "c"]);
    expect(decided({ playlists: [normal, filler, playlist("d", { order: 4 })] }).name).toBe("d");
    expect(decided({ playlists: [filler] }).name).toBe("c");
  });

  it("shows what names it or names nobody", () => {
    expect(decided({ playlists: [playlist("a", { faces: ["sau"] })] }).name).toBe("blank");
    expect(decided({ playlists: [playlist("a", { faces: ["truoc"] })] }).name).toBe("a");
  });

  it("shows no schedule while the clock is not trusted, and alerts all the same", () => {
    for (const trust of ["unknown", "floor"] as const) {
      expect(decided({ playlists: [playlist("sang")] }, { trust }).name).toBe("blank");
      expect(decided({ emergencies: [held(alert("x"))] }, { trust }).name).toBe("alert");
    }
  });

  it("is dark outside its own hours, but for an alert; mute and quiet hours of the sound are not its own", () => {
    const playlists = [playlist("sang")];
    expect(decided({ playlists }, { lit: false }).showing).toMatchObject({ kind: "blank" });
    expect(decided({ playlists, emergencies: [held(alert("x"))] }, { lit: false }).name).toBe("alert");
    const policy = { ...DEFAULT_POLICY, quietHours: [{ from: "00:00", to: "23:59" }] };
    expect(decided({ playlists, policy, muted: true }).name).toBe("sang");
  });

  it("keeps to a suspension: blank where it silences, its pictures where it replaces", () => {
    const period = { id: "quoc-tang", reason: "Quốc tang", from: "2026-11-22", until: "2026-11-22" };
    const silent = { ...period, classes: ["normal"], replaceBy: [] };
    expect(decided({ playlists: [playlist("sang")], suspensions: [silent] }).name).toBe("blank");
    const replaced = { ...silent, replaceBy: [media(PICTURE), media(SPEECH)] };
    const { showing } = decided({
      playlists: [playlist("sang", { layout: [region("clock")] })],
      suspensions: [replaced],
    });
    expect(showing).toMatchObject({
      kind: "layout",
      regions: [{ id: "suspension", items: [{ sha256: PICTURE.sha256 }] }],
    });
  });

  it("saves the battery for what matters", () => {
    expect(decided({ playlists: [playlist("sang")], power: "battery" }).name).toBe("blank");
    expect(decided({ playlists: [playlist("sang", { class: "priority" })], power: "battery" }).name).toBe("sang");
  });

  it("holds a signer to his hours", () => {
    const origin = { ...ORIGIN, limits: { hours: [{ from: "05:00", to: "07:30" }] } };
    expect(decided({ playlists: [playlist("sang", { origin })] }).name).toBe("blank");
    expect(decided({ playlists: [playlist("sang", { origin })] }, { now: at("07:15") })).toMatchObject({
      name: "sang",
      until: at("07:30"),
    });
  });
});

describe("an alert on a face", () => {
  const WITH_PLACE = playlist("sang", { layout: [region("image", [media(PICTURE)]), region("emergency")] });

  it("takes the whole face when it is grave, and the layout's own region when it is not", () => {
    expect(decided({ playlists: [WITH_PLACE], emergencies: [held(alert("x"))] }).name).toBe("alert");
    const minor = decided({ playlists: [WITH_PLACE], emergencies: [held(alert("x", { severity: "minor" }))] });
    expect(minor.showing).toMatchObject({ kind: "layout", alerts: [{ identifier: "x" }] });
    const exercise = decided({ playlists: [WITH_PLACE], emergencies: [held(alert("x", { status: "exercise" }))] });
    expect(exercise.showing).toMatchObject({ kind: "layout", alerts: [{ exercise: true }] });
  });

  it("takes the whole face where the layout has no place for it", () => {
    const playlists = [playlist("sang")];
    expect(decided({ playlists, emergencies: [held(alert("x", { severity: "minor" }))] }).name).toBe("alert");
  });

  it("takes the whole face where a suspension replaces the layout that has a place for it", () => {
    const suspension = { id: "quoc-tang", reason: "Quốc tang", from: "2026-11-22", until: "2026-11-22" };
    const suspensions = [{ ...suspension, classes: ["normal" as const], replaceBy: [media(PICTURE)] }];
    const emergencies = [held(alert("x", { severity: "minor" }))];
    expect(decided({ playlists: [WITH_PLACE], suspensions, emergencies }).showing).toMatchObject({
      kind: "alert",
      alerts: [{ identifier: "x" }],
    });
    expect(decided({ playlists: [WITH_PLACE], suspensions }).showing).toMatchObject({
      regions: [{ id: "suspension" }],
    });
  });

  it("stands beside another one, the graver first, and goes when it has ended", () => {
    const two = decided({ emergencies: [held(alert("nhe", { severity: "minor" })), held(alert("nang"))] });
    expect(two.showing).toMatchObject({ alerts: [{ identifier: "nang" }, { identifier: "nhe" }] });
    const ended = { emergency: alert("x"), ended: refusal("expired", "over") };
    expect(decided({ playlists: [playlist("sang")], emergencies: [ended] }).name).toBe("sang");
  });

  it("speaks the face's languages in their order, and its own where it has none of them", () => {
    const translations = [
      { language: "en", headline: "Flash flood", text: "Leave now" },
      { language: "lo", headline: "ນ້ຳຖ້ວມ" },
    ];
    const words = (languages: string[]) => {
      const { showing } = decided(
        { emergencies: [held(alert("x", { translations }))] },
        { face: { ...FACE, languages } },
      );
      return showing.kind === "alert" ? showing.alerts[0]?.words.map(({ language }) => language) : [];
    };
    expect(words(["en", "vi"])).toEqual(["en", "vi"]);
    expect(words(["lo-LA"])).toEqual(["lo"]);
    expect(words(["zh"])).toEqual(["vi"]);
  });

  it("is for the faces that it names", () => {
    expect(decided({ emergencies: [held(alert("x", { outputs: ["loa"] }))] }).name).toBe("blank");
  });
});

describe("what is painted", () => {
  it("is approved, here, and of a kind that a face shows; the rest is named", () => {
    const strange = { ...media(PICTURE), id: "la", title: "lạ", sha256: sha("f") };
    const layout = [
      region("image", [media(PICTURE), strange, media(SPEECH)]),
      region("video", [media(FILM)]),
      region("text", [text("Xin chào")]),
    ];
    const { showing, lacking } = decided({ playlists: [playlist("sang", { layout })] });
    expect(showing).toMatchObject({
      regions: [
        { id: "image", items: [{ kind: "image", sha256: PICTURE.sha256, ms: 8_000 }] },
        { id: "video", items: [{ kind: "video", ms: 12_000 }] },
      ],
    });
    expect(lacking.map(({ item }) => item)).toEqual(["lạ", "tin", "chữ"]);
    const texts = new Set([textDigest("Xin chào")]);
    expect(decided({ texts, playlists: [playlist("sang", { layout })] }).lacking.map(({ item }) => item)).toEqual([
      "lạ",
      "tin",
    ]);
  });

  it("is blank while nothing of it is in the cache", () => {
    expect(decided({ playlists: [playlist("sang")] }, { has: () => false }).showing).toMatchObject({ kind: "blank" });
  });

  it("shows a camera only where its pin is approved", () => {
    const live = { kind: "live" as const, id: "cam", title: "cầu", source: "cau", longestMs: 60_000, fallback: [] };
    const playlists = [playlist("sang", { layout: [region("live", [live])] })];
    expect(decided({ playlists }).name).toBe("blank");
    const pin = { id: "cau", kind: "rtsp" as const, url: "rtsp://10.0.0.9/1", hosts: [] };
    const shown = decided({ playlists, live: new Map([["cau", pin]]) });
    expect(shown.showing).toMatchObject({ regions: [{ items: [{ kind: "camera", pin: "cau" }] }] });
    expect(JSON.stringify(shown.showing)).not.toContain("10.0.0.9");
    expect(decided({ playlists, live: new Map([["cau", { ...pin, kind: "icecast" as const }]]) }).name).toBe("blank");
  });
});
