/** The real program and two boards that are not its screen: a video wall behind a NovaStar sender, and an Onbon card that keeps its text. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FacesView } from "../../agent/board/faces-view.ts";
import { SimulatedNovastar } from "../../drivers/display/novastar/simulated-novastar.ts";
import { SimulatedOnbon } from "../../drivers/display/onbon/simulated-onbon.ts";
import { SimulatedDisplay } from "../../drivers/display/simulated/server.ts";
import { Cluster } from "../support/cluster/cluster.ts";
import { holdsWithin } from "../support/holds-within.ts";

const CARD = { card: "6q", colours: 1, width: 96, height: 32 } as const;
const WORDS = "Mời bà con nhận giống lúa.";
const ALWAYS = { kind: "weekly" as const, weekdays: ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const };

let cluster: Cluster;
let wall: SimulatedDisplay;
let card: SimulatedDisplay;
const onbon = new SimulatedOnbon(CARD);

const link = (display: SimulatedDisplay) => ({ kind: "tcp", host: "127.0.0.1", port: display.port });
async function faces(): Promise<FacesView["faces"]> {
  const view = (await cluster.agent?.ask("GET", "/v1/faces")) as FacesView;
  return view.faces;
}

/** Lamps of the card that are lit. */
function lit(): number {
  let count = 0;
  for (let y = 0; y < CARD.height; y++) {
    for (let x = 0; x < CARD.width; x++) if (onbon.pixel(x, y).some((value) => value > 60)) count += 1;
  }
  return count;
}

function playlist(weekdays = [...ALWAYS.weekdays]) {
  const text = { kind: "text" as const, id: "moi", title: "mời", language: "vi", text: WORDS };
  const box = { x: 0, y: 0, width: 100, height: 100 };
  return {
    ...{
      id: "ca-ngay",
      title: "Cả ngày",
      recurrence: { kind: "weekly" as const, weekdays },
      start: "00:00",
      end: "00:00",
    },
    layout: [{ id: "tin", kind: "text" as const, ...box, items: [text] }],
  };
}

const policy = (more: object) =>
  cluster.source.publish("config", { policy: { quietHours: [], ...more } }, { address: "province/01" });

beforeAll(async () => {
  wall = new SimulatedDisplay(new SimulatedNovastar(1));
  card = new SimulatedDisplay(onbon);
  await Promise.all([wall.start(0), card.start(0)]);
  cluster = await Cluster.open({ environment: { PATH: process.env.PATH } });
  const { width, height } = CARD;
  const at = { x: 0, y: 0, width: 640, height: 360 };
  await cluster.configure({
    hardware: {
      board: {
        screen: { width: 640, height: 360, kiosk: { mode: "none" } },
        faces: [
          { name: "tuong", at, controller: { kind: "novastar", link: link(wall), ports: 1 } },
          { name: "bang-chu", size: { width, height }, controller: { kind: "onbon", link: link(card), ...CARD } },
        ],
      },
    },
  });
  const sha256 = createHash("sha256").update(WORDS).digest("hex");
  await cluster.source.publish(
    "content",
    { level: "province", texts: [{ sha256, language: "vi" }] },
    { address: "province/01" },
  );
  await cluster.source.publish("schedule", { level: "province", playlists: [playlist()] }, { address: "province/01" });
  const agent = await cluster.startAgent();
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
}, 60_000);
afterAll(async () => {
  await cluster?.close();
  await Promise.all([wall.stop(), card.stop()]);
});

describe("boards with controllers of their own", () => {
  it("are lit and written on while a playlist is due", { timeout: 30_000 }, async () => {
    expect(await holdsWithin(10_000, () => wall.truth().blank === false && wall.truth().brightness === 100)).toBe(true);
    expect(await holdsWithin(10_000, () => lit() > 100)).toBe(true);
    expect((await faces()).map(({ showing, controller }) => [showing, controller?.condition])).toEqual([
      ["layout", "online"],
      ["layout", "online"],
    ]);
  });

  it("follow the brightness of a signed rule, and are dark outside their hours", { timeout: 60_000 }, async () => {
    const rule = { by: "time" as const, from: "00:00", to: "00:00", percent: 40 };
    await policy({ faces: { brightness: [rule] } });
    expect(await holdsWithin(15_000, () => Math.abs((wall.truth().brightness ?? 0) - 40) < 1)).toBe(true);
    // One minute of the night, twelve hours from now.
    const away = new Date(Date.now() + 19 * 3_600_000).toISOString().slice(11, 16);
    const later = new Date(Date.now() + 19 * 3_600_000 + 60_000).toISOString().slice(11, 16);
    await policy({ faces: { hours: [{ from: away, to: later }] } });
    expect(await holdsWithin(15_000, () => wall.truth().blank === true)).toBe(true);
    expect(await holdsWithin(15_000, () => lit() === 0)).toBe(true);
  });

  it("show an alert at any hour, and are dark again after it", { timeout: 60_000 }, async () => {
    const now = new Date().toISOString();
    const alert = {
      ...{ identifier: "bao-1", sent: now, status: "actual" as const, msgType: "alert" as const, headline: "Bão số 9" },
      ...{
        expires: new Date(Date.now() + 600_000).toISOString(),
        text: "Vào nhà ngay.",
        repeat: { rounds: 0, gapMs: 0 },
      },
    };
    await cluster.source.publish("emergency", alert, { address: "province/01" });
    expect(await holdsWithin(10_000, () => wall.truth().blank === false && wall.truth().brightness === 100)).toBe(true);
    expect(await holdsWithin(10_000, () => lit() > 100)).toBe(true);
    await cluster.agent?.ask("POST", "/v1/emergency/stop", { identifiers: null, by: "test" });
    expect(await holdsWithin(10_000, () => wall.truth().blank === true && lit() === 0)).toBe(true);
  });

  it("are told everything again when they come back, and are a concern while they are away", {
    timeout: 90_000,
  }, async () => {
    await policy({});
    expect(await holdsWithin(15_000, () => wall.truth().blank === false)).toBe(true);
    const { port } = wall;
    await wall.stop();
    const offline = async () => (await faces())[0]?.controller?.condition === "offline";
    expect(await holdsWithin(30_000, offline)).toBe(true);
    const replaced = new SimulatedDisplay(new SimulatedNovastar(1));
    await replaced.start(port);
    expect(await holdsWithin(30_000, async () => (await faces())[0]?.controller?.condition === "online")).toBe(true);
    expect(replaced.truth()).toMatchObject({ blank: false, brightness: 100 });
    await replaced.stop();
  });
});
