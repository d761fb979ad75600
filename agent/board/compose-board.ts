/** Makes the board of this computer: the page and its server, the browser, the faces' controllers, and who decides what they show. */
import { mkdir, writeFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import type { Buses } from "../../drivers/bus/bus.ts";
import { CardKeeper } from "../../drivers/display/card-keeper.ts";
import { createDisplayController } from "../../drivers/display/create.ts";
import { DisplayKeeper } from "../../drivers/display/keeper.ts";
import { CardPictures } from "../../drivers/display/text-picture.ts";
import { ChromiumKiosk } from "../../drivers/kiosk/chromium-kiosk.ts";
import { createLightSensor, type LightSensor } from "../../drivers/sensor/light.ts";
import { BoardConductor, type FaceDriver, type FaceLight } from "../../playback/board/board-conductor.ts";
import { Cameras } from "../../playback/board/camera/cameras.ts";
import type { ShownRecord } from "../../playback/board/ledger.ts";
import { lightOf } from "../../playback/board/light.ts";
import { PageServer } from "../../playback/board/page-server.ts";
import type { Face, OnAir } from "../../playback/model/board.ts";
import type { Facts } from "../../playback/model/facts.ts";
import { type Millis, type Percent, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { MediaLibrary } from "../../playback/ports/media.ts";
import type { Supervisor } from "../../playback/ports/supervisor.ts";
import type { Store } from "../../storage/store.ts";
import { type BoardFile, facesOf } from "../config/board-file.ts";
import type { Logger } from "../logger.ts";
import type { Output } from "../outputs/output.ts";
import { cardPaint } from "./card-paint.ts";
import { ControllerDriver } from "./face-driver.ts";
import { type ControllerState, FaceStation } from "./face-station.ts";
import { ManualLight } from "./manual-light.ts";
import { patiently } from "./patiently.ts";
import { Proof } from "./proof.ts";

export interface BoardParts {
  readonly file: BoardFile;
  /** Where the station keeps its state. */
  readonly state: string;
  /** For what does not outlive a run. */
  readonly scratch: string;
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly media: MediaLibrary;
  readonly store: Store;
  readonly log: Logger;
  /** Shared with the amplifiers: a relay board may feed both. */
  readonly buses: Buses;
  readonly facts: () => Facts;
  readonly outputs: () => readonly Output[];
  readonly onRecord: () => void;
}

export function composeBoard(parts: BoardParts): FaceStation {
  const { file, clock, supervisor, media, log, facts } = parts;
  const faces = facesOf(file);
  const screen = screenOf(parts);
  const kiosk = kioskOf(parts);
  const { drivers, keepers, cards } = controllersOf(parts);
  const manual = new ManualLight();
  const written = new Pending();
  const lights = new Lights(parts, manual);
  const conductor = new BoardConductor(
    {
      ...{ clock, faces, screen, drivers },
      size: file.screen ?? { width: 0, height: 0 },
      has: (sha256) => media.has(sha256),
      light: (face, alert) => lights.of(face, alert),
      onAir: () => onAirOf(parts.outputs()),
      onShown: (shown) => written.add(journal(parts, shown)),
    },
    facts(),
  );
  screen?.onReport((report) => {
    if (report !== null) kiosk?.alive();
  });
  kiosk?.onEvent(({ kind, ...rest }) => {
    log.info(`kiosk ${kind}`, rest);
    written.add(record(parts, "kiosk", { event: kind, ...rest }, "log"));
  });
  const proof =
    kiosk === null
      ? null
      : new Proof({
          ...{ clock, kiosk, folder: join(parts.state, "faces") },
          states: () => conductor.states,
          look: (face, look) => conductor.look(face, look),
          log: (event, fields) => log.warn(event, fields),
        });
  const controllers = new Map(
    [...keepers].map(([face, keeper]): [string, () => ControllerState] => [
      face,
      () => ({ condition: keeper.condition, status: keeper.status }),
    ]),
  );
  /** A page that cannot be opened costs what only it shows: cards, controllers and the station go on. */
  const page = async (signal: AbortSignal) => {
    if (screen === null) return;
    await patiently("page server", () => screen.open(), parts, signal);
    if (signal.aborted) return;
    if (kiosk === null) await patiently("page address", () => offer(screen.url, parts.scratch), parts, signal);
    await Promise.all([proof?.run(signal), kiosk?.run(screen.url, signal)]);
  };
  const work = async (signal: AbortSignal, deciding: Promise<void>) => {
    for (const keeper of keepers.values()) keeper.start();
    await Promise.all([deciding, lights.keepSeeing(signal), page(signal)]);
    await Promise.all(cards.map((card) => card.stop()));
    await Promise.all([...keepers.values()].map((keeper) => keeper.stop()));
    await screen?.close();
    await written.all();
  };
  return new FaceStation({ conductor, screen, kiosk, controllers, light: manual, clock, store: parts.store, work });

  function screenOf({ file: { screen: wanted } }: BoardParts): PageServer | null {
    if (wanted === undefined) return null;
    const logged = (event: string, fields: object) =>
      "error" in fields ? log.warn(event, fields) : log.info(event, fields);
    const cameras = new Cameras({ clock, supervisor, log: logged, pin: (id) => facts().live.get(id) ?? null });
    const port = wanted.port === undefined ? {} : { port: wanted.port };
    return new PageServer({ clock, media, cameras, log: logged, ...port });
  }
}

function kioskOf({ file: { screen }, scratch, clock, supervisor }: BoardParts): ChromiumKiosk | null {
  if (screen === undefined || screen.kiosk.mode === "none") return null;
  const { mode, chromium, cage, connector = null, drmRoot } = screen.kiosk;
  return new ChromiumKiosk(
    {
      ...{ mode, chromium, cage, connector, folder: scratch, memoryBytes: totalmem() },
      size: { width: screen.width, height: screen.height },
      drmRoot: mode === "headless" ? null : drmRoot,
      sandbox: process.getuid?.() !== 0,
    },
    { clock, supervisor },
  );
}

function controllersOf(parts: BoardParts) {
  const { file, clock, log, media, facts, outputs, buses } = parts;
  const drivers = new Map<string, FaceDriver>();
  const keepers = new Map<string, DisplayKeeper>();
  const cards: CardKeeper[] = [];
  const paint = cardPaint({
    ...{ media, pictures: new CardPictures() },
    zone: () => facts().zone,
    onAir: () => onAirOf(outputs()),
    log: (event, fields) => log.warn(event, fields),
  });
  for (const { name, controller, size } of file.faces) {
    if (controller === undefined) continue;
    const driver = createDisplayController(name, controller, buses);
    const keeper = new DisplayKeeper(driver, {
      clock,
      onChange: () => log.info("controller", { face: name, condition: keeper.condition }),
      onFault: (error) => log.warn("controller", { face: name, error }),
    });
    const card =
      size === undefined || driver.can.images === null ? null : new CardKeeper(keeper, size, { clock, paint });
    if (card !== null) cards.push(card);
    keepers.set(name, keeper);
    drivers.set(name, new ControllerDriver(keeper, driver.can, card));
  }
  return { drivers, keepers, cards };
}

const SEE_EVERY: Millis = 5 * SECOND;

/** How each face is lit: by hand, or by the rules with what the sensor sees. */
class Lights {
  readonly #parts: BoardParts;
  readonly #manual: ManualLight;
  readonly #sensed = new Map<string, Percent | null>();
  readonly #sensor: LightSensor | null;
  #lux: number | null = null;

  constructor(parts: BoardParts, manual: ManualLight) {
    const { lightSensor } = parts.file;
    this.#parts = parts;
    this.#manual = manual;
    this.#sensor = lightSensor === undefined ? null : createLightSensor(lightSensor);
  }

  async keepSeeing(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#sensor !== null) {
      this.#lux = await this.#sensor.read();
      await this.#parts.clock.wait(SEE_EVERY, signal);
    }
  }

  of({ name }: Face, alert: boolean): FaceLight {
    const { clock, facts, file } = this.#parts;
    const { policy, zone } = facts();
    const set = alert ? null : this.#manual.of(name, clock.monotonic());
    if (set !== null) return { lit: true, percent: set, until: null };
    const { sensed, ...light } = lightOf({
      ...{ policy: policy.faces, face: name, zone, at: clock.now(), trust: clock.trust(), alert },
      ...{ position: file.position ?? null, lux: this.#lux, sensed: this.#sensed.get(name) ?? null },
    });
    this.#sensed.set(name, sensed);
    return light;
  }
}

const MOST_NEXT = 3;

/** What the loudspeakers of this board play, and what comes next. */
function onAirOf(outputs: readonly Output[]): OnAir {
  const airing = outputs.flatMap(({ conductor }) => conductor.onAir()?.candidate.header.title ?? []);
  const upcoming = outputs.flatMap(({ conductor }) => conductor.decision?.upcoming ?? []);
  const next = new Map(upcoming.map(({ header, start }) => [header.key, { at: start, title: header.title }]));
  return {
    airing: airing[0] ?? null,
    next: [...next.values()].sort((a, b) => a.at - b.at).slice(0, MOST_NEXT),
  };
}

async function journal(parts: BoardParts, shown: ShownRecord): Promise<void> {
  const { from, to, looks, ...rest } = shown;
  const wire = (at: number) => new Date(at).toISOString();
  const body = {
    ...rest,
    from: wire(from),
    to: wire(to),
    looks: looks.map((look) => ({ ...look, at: wire(look.at) })),
  };
  await record(parts, "shown", body, "play");
}

async function record(parts: BoardParts, kind: string, body: object, as: "play" | "log"): Promise<void> {
  const { store, clock, log, onRecord } = parts;
  try {
    await store.record(clock.now(), kind, body, as);
    onRecord();
  } catch (error) {
    // A full disk does not darken a face.
    log.error("journal", { kind, error });
  }
}

/** Who opens the page by himself finds its address here; it is a key, and only the agent's group may read it. */
async function offer(url: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "page.url"), `${url}\n`, { mode: 0o640 });
}

/** What is still being written when the agent stops. */
class Pending {
  readonly #open = new Set<Promise<void>>();

  add(work: Promise<void>): void {
    this.#open.add(work);
    void work.finally(() => this.#open.delete(work));
  }

  async all(): Promise<void> {
    await Promise.all(this.#open);
  }
}
