/**
 * A broker in the wrong hands while a programme sounds: it says again, out of order and as if retained, what was revoked, cancelled, expired
 * or meant for others, withholds what is new, floods, and sends packets of 256 MB. The recorder decides what that changed: nothing.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { downlinkTopic } from "../../agent/contract/topics.ts";
import { compose, draftClaims, wireInstant } from "../source/envelope.ts";
import { newSigningKey } from "../source/keys.ts";
import type { MediaFile } from "../source/media.ts";
import type { Published } from "../source/publisher.ts";
import { randomFrom, randomOf } from "../source/random.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { localParts, STATION } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";
import { HostileProxy, type SeenLetter } from "../support/cluster/hostile-proxy.ts";
import { residentMb } from "../support/processes/resident.ts";
import { coverage } from "../support/sound/coverage.ts";
import { GapListener } from "../support/sound/gap-listener.ts";
import { PauseWatch } from "../support/sound/pause-watch.ts";

/** The campaign asks for more; see `test/campaign`. */
const SIEGE_MS = Number(process.env.LOA_SIEGE_S ?? 13) * 1_000;
const MOST_GROWTH_MB = 50;
const PEER_GAP_MS = 3;
/** The programme plays this long before the siege begins: memory is measured from there. */
const CALM_MS = 3_000;
const OTHER = "station/xa-00005-cum-01";
const OWN = `station/${STATION}` as const;
const SENTENCES = [
  "Uỷ ban nhân dân xã thông báo lịch tiêm phòng cho trẻ em dưới sáu tuổi.",
  "Hợp tác xã mời bà con nhận giống lúa mới từ bảy giờ sáng mai.",
  "Trạm y tế nhắc mọi người ngủ màn và đậy kín bể nước.",
  "Đội thuỷ lợi mở cống vào chiều thứ năm, bà con kiểm tra bờ ruộng.",
];

let heard: HeardCluster;
let proxy: HostileProxy;
let pauses: PauseWatch;
/** Another player on a card of the same sound server: what tears it is not the station's doing. */
let peer: GapListener;
let player: ChildProcess;
let items: { id: string; file: MediaFile; at: number }[];
let endsAt: number;
let besiegedAt: number;
let genuine: Published;
const resident: { at: number; mb: number }[] = [];
const figures = { replayed: 0, misdirected: 0, rubbish: 0, overfilled: 0, overfilledMb: 0 };

function once(id: string, at: number, files: readonly MediaFile[]) {
  const { date, time } = localParts(at);
  return {
    id,
    title: id,
    class: "normal" as const,
    recurrence: { kind: "once" as const, date },
    start: time,
    items: files.map((file, n) => ({ kind: "media" as const, id: `i${n}`, title: file.title, sha256: file.sha256 })),
  };
}

const letterOf = ({ topic, bytes }: Published): SeenLetter => ({ topic, payload: Buffer.from(bytes) });
const until = async (holds: () => boolean, withinMs: number) => {
  for (const from = performance.now(); !holds() && performance.now() - from < withinMs; ) await sleep(20);
};

/** What the broker holds in its hands: genuine words that must not count any more, or not here, and forged ones. */
let stale: SeenLetter[];
let misdirected: SeenLetter[];

async function gather(trap: MediaFile, at: number): Promise<void> {
  const { cluster } = heard;
  const { agent, source } = cluster;
  const sound = [{ kind: "media" as const, id: "i", title: "bẫy", sha256: trap.sha256 }];
  const alert = (identifier: string) => ({
    identifier,
    sent: wireInstant(Date.now()),
    status: "actual" as const,
    msgType: "alert" as const,
    expires: wireInstant(Date.now() + 3_600_000),
    headline: "Bẫy",
    items: sound,
  });
  // Obeyed once, and over before the programme.
  const mute = await source.command(OWN, { name: "mute", muted: true }, { expiresInMs: 3_600_000 });
  await agent?.until("muted", ({ muted }) => muted);
  await source.command(OWN, { name: "mute", muted: false }, { expiresInMs: 3_600_000 });
  await agent?.until("no longer muted", ({ muted }) => !muted);
  const siren = await source.publish("emergency", alert("lu-1"));
  await agent?.until("the alert on air", ({ onAir }) => onAir?.sounding === true);
  await source.cancelEmergency("lu-1");
  await agent?.until("silence", ({ onAir }) => onAir === null);
  await cluster.schedule([once("bay", at + CALM_MS + 2_000, [trap])]);
  await agent?.until("the first schedule", ({ next }) => next.length > 0);
  const announce = { name: "announce" as const, title: "Bẫy", items: sound };
  const expired = await source.command(OWN, announce, { exp: Date.now() - 60_000 });
  // By now the proxy has the schedule that is about to be replaced among its letters.
  stale = [mute, siren, expired].map(letterOf);
  const theirs = [
    await source.command(OTHER, announce, { expiresInMs: 3_600_000 }),
    await source.command(OTHER, { name: "mute", muted: true }, { expiresInMs: 3_600_000 }),
    await source.command("province/02", { name: "volume", percent: 0 }, { expiresInMs: 3_600_000 }),
    await source.publish("emergency", alert("lu-2"), { address: "commune/00005" }),
    await source.publish("schedule", { level: "commune", programmes: [once("kia", at, [trap])] }, { address: OTHER }),
  ].map(letterOf);
  const moved = theirs.map(({ topic, payload }) => ({
    topic: topic.replace(/^loa\/v1\/[a-z]+\/[^/]+/, `loa/v1/${OWN}`),
    payload,
  }));
  const claims = draftClaims({
    kind: "schedule",
    iss: "province-01",
    aud: ["province/01"],
    seq: 999,
    iat: Date.now(),
    exp: Date.now() + 3_600_000,
    body: { level: "province", programmes: [once("gia", at + CALM_MS + 1_000, [trap])] },
  });
  const forged = Buffer.from(await compose(claims, [await newSigningKey()]));
  const topic = downlinkTopic("schedule", "province/01", "province");
  misdirected = [...theirs, ...moved, { topic, payload: forged }];
}

/** One after the other until the programme has ended. */
async function besiege(): Promise<void> {
  const random = randomFrom(20_261_122);
  const rubbish = [
    `rubbish${" ".repeat(10_000)}`,
    "[".repeat(262_144),
    JSON.stringify({ payload: "A".repeat(230_000), signatures: [{ protected: "AA", signature: "AA" }] }),
  ].map((text) => Buffer.from(text));
  const lasts = async (ms: number, work: (n: number) => Promise<void>) => {
    for (let [n, from] = [0, performance.now()]; performance.now() - from < ms && proxy.connected; n++) await work(n);
  };
  for (let round = 0; Date.now() < endsAt; round++) {
    proxy.withholds = round % 2 === 0;
    const all = [...proxy.letters.values(), ...stale];
    for (const letter of randomOf(round).shuffle([...all, ...all, ...all])) {
      await proxy.say(letter, random() < 0.5);
      figures.replayed += 1;
    }
    for (const letter of randomOf(round).shuffle([...misdirected, ...misdirected])) {
      await proxy.say(letter, random() < 0.5);
      figures.misdirected += 1;
    }
    await lasts(1_500, async (n) => {
      const payload = rubbish[n % rubbish.length] ?? Buffer.alloc(1);
      await proxy.say({ topic: `loa/v1/${OWN}/config`, payload: payload.subarray(0, payload.length - (n % 9_000)) });
      figures.rubbish += 1;
    });
    figures.overfilledMb += (await proxy.overfill()) / 1_048_576;
    figures.overfilled += 1;
    await until(() => proxy.connected, 3_000);
    await sleep(200);
  }
  proxy.withholds = false;
}

beforeAll(async () => {
  pauses = new PauseWatch();
  heard = await HeardCluster.open({
    through: async (port) => {
      proxy = await HostileProxy.start(port);
      return proxy.port;
    },
  });
  const { cluster } = heard;
  const parts = await Promise.all(SENTENCES.map((text) => heard.speech(text, "mp3")));
  const trap = await heard.speech("Đây là lời không ai cho phép phát.", "flac");
  const agent = await cluster.startAgent();
  await cluster.approve(parts, [trap]);
  await cluster.cached();
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
  const at = Math.ceil((Date.now() + 12_000) / 1_000) * 1_000;
  await gather(trap, at);
  items = [];
  for (endsAt = at; endsAt < at + CALM_MS + SIEGE_MS; ) {
    const file = parts[items.length % parts.length] as MediaFile;
    items.push({ id: `i${items.length}`, file, at: endsAt });
    endsAt += file.durationMs;
  }
  genuine = await cluster.source.publish(
    "schedule",
    {
      level: "province",
      programmes: [
        once(
          "ca",
          at,
          items.map(({ file }) => file),
        ),
      ],
    },
    { address: "province/01" },
  );
  await agent.until("the schedule", ({ next }) => next.some(({ title }) => title === "ca"));
  expect(Date.now()).toBeLessThan(at - 500);
  const watch = setInterval(() => {
    // A process that is gone fails the judgement by itself.
    residentMb(agent.pid).then(
      (mb) => resident.push({ at: Date.now(), mb }),
      () => undefined,
    );
  }, 100);
  const sink = await heard.card.addSink("peer");
  const tone = ["-f", "lavfi", "-re", "-i", "sine=frequency=500:sample_rate=48000", "-f", "s16le", "-"];
  const pipe = `ffmpeg -nostdin -v error ${tone.join(" ")} | pacat --raw --format=s16le --rate=48000 --channels=1 --latency-msec=60`;
  player = spawn("setpriv", ["--pdeathsig", "KILL", "--", "sh", "-c", pipe], {
    env: sink.env,
    detached: true,
    stdio: "ignore",
  });
  await sleep(at + CALM_MS - Date.now());
  peer = new GapListener(sink, PEER_GAP_MS);
  besiegedAt = Date.now();
  await besiege();
  await heard.recorder.until(endsAt + 700);
  clearInterval(watch);
}, 90_000 + SIEGE_MS);

afterAll(async () => {
  await pauses?.stop();
  await peer?.stop();
  if (player?.pid !== undefined) process.kill(-player.pid, "SIGKILL");
  await heard?.close();
  await proxy?.stop();
});

describe("a broker in the wrong hands while a programme sounds", () => {
  it("changes nothing of it: every item begins within 20 ms of its instant and is heard to its end", () => {
    const recording = heard.recorder.samples();
    const found = items.map(({ id, file, at }) => {
      const { at: began, interval } = heard.find(file, at, 1_000);
      const { matched, breaks } = coverage(recording, heard.samplesOf(file), interval.from);
      return { id, lateMs: began - at, missingMs: file.durationMs - matched / 48, breaks };
    });
    const calm = ({ file, at }: (typeof items)[number]) => !pauses.disturbed(at - 2_500, at + file.durationMs + 200);
    const judged = found.filter((_, n) => calm(items[n] as (typeof items)[number]));
    // The software card runs dry for a moment when both cores are flooded; what it broke is counted, and nothing of the item may be lost by it.
    const breaks = judged.reduce((sum, one) => sum + one.breaks, 0);
    const wrong = judged.filter(({ lateMs, missingMs }) => Math.abs(lateMs) > 20 || missingMs > 250);
    const peerBreaks = peer.gaps.length;
    const told = { peerBreaks, ...figures, items: items.length, judged: judged.length, breaks };
    process.stdout.write(`siege: ${JSON.stringify(told)}\n`);
    expect(wrong).toEqual([]);
    expect(breaks).toBeLessThanOrEqual(2 * peerBreaks + 2);
    expect(judged.length).toBeGreaterThanOrEqual(items.length * 0.5);
  });

  it("brings nothing else to sound", () => {
    const first = items[0]?.at ?? 0;
    const before = { from: 0, to: heard.recorder.sampleAt(first - 300) };
    const programme = items.map(({ file, at }) => {
      const { from } = heard.find(file, at, 1_000).interval;
      const interval = coverage(heard.recorder.samples(), heard.samplesOf(file), from);
      return pauses.disturbed(at - 2_500, at + file.durationMs + 200)
        ? { from: heard.recorder.sampleAt(at - 300), to: heard.recorder.sampleAt(at + file.durationMs + 300) }
        : interval;
    });
    expect(heard.unplanned([before, ...programme])).toEqual([]);
  });

  it(`costs at most ${MOST_GROWTH_MB} MB of memory, packets of 256 MB among it`, () => {
    const before = Math.max(...resident.filter(({ at }) => at <= besiegedAt).map(({ mb }) => mb));
    const during = Math.max(...resident.filter(({ at }) => at > besiegedAt).map(({ mb }) => mb));
    const grown = Math.round((during - before) * 10) / 10;
    process.stdout.write(
      `memory: ${JSON.stringify({ beforeMb: Math.round(before), grownMb: grown, ...proxy.said })}\n`,
    );
    expect(grown).toBeLessThanOrEqual(MOST_GROWTH_MB);
  });

  it("really was one: all its ways were gone, and the station stands as before, with an intact journal", async () => {
    const { agent, place } = heard.cluster;
    if (agent === null) throw new Error("no agent runs");
    for (const count of [figures.replayed, figures.misdirected, figures.rubbish, figures.overfilled, proxy.withheld])
      expect(count).toBeGreaterThan(0);
    // Cut at the header: what was on its way in the kernel's buffers is all that a packet of 256 MB ever took.
    expect(figures.overfilledMb / figures.overfilled).toBeLessThan(16);
    const status = await agent.until("the link up", ({ link }) => link.connected);
    expect([status.muted, status.onAir]).toEqual([false, null]);
    const verdict = await cli(place, ["journal", "--verify", "--json"]);
    expect([verdict.code, JSON.parse(verdict.stdout)]).toMatchObject([0, { ok: true }]);
    const { records } = (await agent.ask("GET", "/v1/journal?limit=500")) as {
      records: { kind: string; body: { id?: string; outcome?: string } }[];
    };
    const slots = records.filter(({ kind }) => kind === "slot").map(({ body }) => [body.id, body.outcome]);
    expect(slots.filter(([id]) => id !== "lu-1")).toEqual([["ca", "played"]]);
    expect(genuine.claims.seq).toBeLessThan(999);
  });
});
