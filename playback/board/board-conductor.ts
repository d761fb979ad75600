/**
 * Has every face show what it should: decides, paints, tells the controllers, and keeps the ledger. Thin: what is decided stands in `decide.ts`,
 * what is painted in `scene.ts`.
 *
 * Invariants: all faces of the framebuffer change in one scene; what is shown by hand (a pattern) ends by itself, and an alert takes the face
 * from it; a change is decided at once, and anew at every instant at which rules may change it.
 */
import type { Face, FacePattern, FaceScene, OnAir, Showing, Size } from "../model/board.ts";
import type { ClockTrust } from "../model/clock-trust.ts";
import type { Facts } from "../model/facts.ts";
import { type Instant, MINUTE, type Millis, type Monotonic, type Percent, SECOND } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { Screen, ScreenReport } from "../ports/screen.ts";
import { decideFace, type FaceDecision } from "./decide.ts";
import { type LookedAt, type ShownHeader, ShownLedger, type ShownRecord } from "./ledger.ts";
import { type Lacking, nameOfShowing, type SceneMeans, showingOf } from "./scene.ts";

/** How a face is to be lit at this moment. */
export interface FaceLight {
  readonly lit: boolean;
  readonly percent: Percent;
  /** When that may change by itself. */
  readonly until: Instant | null;
}

/** What drives one face besides the page: its controller, or a card that keeps pictures by itself. */
export interface FaceDriver {
  /** Told again whenever something changed; never throws. */
  show(scene: FaceScene, light: FaceLight): void;
  /** Whether it takes a brightness; else the page dims. */
  readonly dims: boolean;
}

export interface BoardPorts {
  readonly clock: Clock;
  readonly faces: readonly Face[];
  /** Of the framebuffer. */
  readonly size: Size;
  /** `null` where all faces are asynchronous cards. */
  readonly screen: Screen | null;
  readonly drivers: ReadonlyMap<string, FaceDriver>;
  readonly has: SceneMeans["has"];
  readonly light: (face: Face, alert: boolean) => FaceLight;
  readonly onAir: () => OnAir;
  readonly onShown: (record: ShownRecord) => void;
}

interface ByHand {
  readonly showing: Showing;
  readonly until: Monotonic;
}

interface Decided {
  readonly facts: Facts;
  readonly trust: ClockTrust;
  readonly lit: boolean;
  readonly at: Instant;
  readonly decision: FaceDecision;
}

/** What one face is to show. */
interface FaceTurn {
  readonly face: Face;
  readonly decision: FaceDecision;
  readonly showing: Showing;
  readonly lacking: readonly Lacking[];
  readonly light: FaceLight;
}

/** One face as it stands. */
export interface FaceState extends FaceTurn {
  readonly since: Instant;
  /** Since when the page has not confirmed it; `null` where it does, or where there is no page to ask. */
  readonly unconfirmedSince: Monotonic | null;
  readonly lastLook: LookedAt | null;
}

/** Media arrive and outputs change without telling us. */
const LOOK_AGAIN: Millis = SECOND;
/** A record at least so often: a power cut loses no more. */
const LONGEST_RECORD: Millis = 10 * MINUTE;

export class BoardConductor {
  readonly #ports: BoardPorts;
  readonly #byHand = new Map<string, ByHand>();
  readonly #ledgers = new Map<string, ShownLedger>();
  readonly #unconfirmed = new Map<string, Monotonic>();
  readonly #decided = new Map<string, Decided>();
  #facts: Facts;
  #faces: readonly FaceTurn[] = [];
  #painted = "";
  #revision = 0;
  #turns = 0;

  constructor(ports: BoardPorts, facts: Facts) {
    this.#ports = ports;
    this.#facts = facts;
    ports.screen?.onReport((report) => this.#reported(report));
  }

  get states(): readonly FaceState[] {
    return this.#faces.map((turn) => {
      const ledger = this.#ledgers.get(turn.face.name);
      return {
        ...turn,
        since: ledger?.from ?? this.#ports.clock.now(),
        unconfirmedSince: this.#unconfirmed.get(turn.face.name) ?? null,
        lastLook: ledger?.lastLook ?? null,
      };
    });
  }

  /** Grows with every look at what is due. */
  get turns(): number {
    return this.#turns;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Other facts: what follows from them is shown before this returns. */
  update(facts: Facts): void {
    this.#facts = facts;
    this.#turn();
  }

  /** Shows a pattern on a face for a while. */
  pattern(face: string, pattern: FacePattern, forMs: Millis): void {
    this.#byHand.set(face, { showing: { kind: "pattern", pattern }, until: this.#ports.clock.monotonic() + forMs });
    this.#turn();
  }

  /** A picture of the face was judged. */
  look(face: string, look: LookedAt): void {
    this.#ledgers.get(face)?.look(look);
  }

  /** Until `signal` aborts; then what is shown is closed in the ledger and stays on the faces. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (!signal.aborted) {
      this.#turn();
      const until = Math.min(...this.#faces.flatMap(({ decision, light }) => [decision.until, light.until ?? 1e15]));
      await clock.wait(Math.min(LOOK_AGAIN, Math.max(1, until - clock.now())), signal);
    }
    for (const face of this.#ledgers.keys()) this.#close(face, false);
  }

  #turn(): void {
    this.#turns += 1;
    const { clock, faces, screen, size, onAir, drivers } = this.#ports;
    this.#faces = faces.map((face) => this.#decide(face));
    for (const turn of this.#faces) this.#account(turn);
    const scenes = this.#faces.map(({ face, showing, light }) => this.#sceneOf(face, showing, light));
    const shown = { zone: this.#facts.zone, screen: size, faces: scenes, onAir: onAir() };
    const text = JSON.stringify([shown, this.#faces.map(({ light }) => [light.lit, light.percent])]);
    if (text === this.#painted) return;
    this.#painted = text;
    this.#revision += 1;
    const now = clock.monotonic();
    for (const [index, scene] of scenes.entries()) {
      const light = this.#faces[index]?.light;
      if (light !== undefined) drivers.get(scene.face.name)?.show(scene, light);
      if (screen !== null && scene.face.rect !== null) this.#unconfirmed.set(scene.face.name, now);
    }
    screen?.show({ ...shown, revision: this.#revision, faces: scenes.filter(({ face }) => face.rect !== null) });
  }

  #decide(face: Face): FaceTurn {
    const { clock, has, light } = this.#ports;
    const facts = this.#facts;
    const decision = this.#decisionOn(face, light(face, false).lit);
    const alerted =
      decision.plan.kind === "alert" || (decision.plan.kind === "layout" && decision.plan.alerts.length > 0);
    const { showing: planned, lacking } = showingOf(decision.plan, face, { facts, has });
    const byHand = this.#byHand.get(face.name);
    const stands = byHand !== undefined && byHand.until > clock.monotonic() && planned.kind !== "alert";
    if (!stands) this.#byHand.delete(face.name);
    const showing = stands ? byHand.showing : planned;
    const lit = light(face, alerted);
    return { face, decision, showing, lacking, light: stands ? { ...lit, lit: true } : lit };
  }

  /** Rules cost more than a second's look is worth: what was decided stands until something that it was decided by is another. */
  #decisionOn(face: Face, lit: boolean): FaceDecision {
    const { clock } = this.#ports;
    const [facts, now, trust] = [this.#facts, clock.now(), clock.trust()];
    const before = this.#decided.get(face.name);
    const stands = before?.facts === facts && before.trust === trust && before.lit === lit;
    if (stands && before.at <= now && now < before.decision.until) return before.decision;
    const decision = decideFace({ facts, face, now, trust, lit });
    this.#decided.set(face.name, { facts, trust, lit, at: now, decision });
    return decision;
  }

  #sceneOf(face: Face, showing: Showing, light: FaceLight): FaceScene {
    const dims = this.#ports.drivers.get(face.name)?.dims === true;
    return { face, showing, dim: dims ? 0 : 100 - light.percent };
  }

  /** Opens and closes the record of what the face shows. */
  #account(turn: FaceTurn): void {
    const { clock } = this.#ports;
    const { face, showing } = turn;
    const name = nameOfShowing(turn);
    const header = this.#headerOf(turn, name);
    const ledger = this.#ledgers.get(face.name);
    const same = ledger !== undefined && JSON.stringify(ledger.header) === JSON.stringify(header);
    const long = ledger !== undefined && clock.now() - ledger.from >= LONGEST_RECORD;
    if (same && !long) return;
    if (ledger !== undefined) this.#close(face.name, same);
    if (showing.kind !== "blank") this.#ledgers.set(face.name, new ShownLedger(header, clock.now()));
  }

  #headerOf({ face, showing, decision }: FaceTurn, name: string): ShownHeader {
    const { plan } = decision;
    const alerts = plan.kind === "blank" ? [] : plan.alerts;
    const documents = alerts.map(({ origin }) => origin.documentSha256);
    if (showing.kind === "pattern") return { face: face.name, showing: name, title: showing.pattern, documents: [] };
    if (showing.kind === "layout" && plan.kind === "layout") {
      const { title, origin } = plan.playlist;
      return { face: face.name, showing: name, title, documents: [origin.documentSha256, ...documents] };
    }
    return { face: face.name, showing: name, title: alerts.map(({ headline }) => headline).join(" · "), documents };
  }

  #close(face: string, goesOn: boolean): void {
    const ledger = this.#ledgers.get(face);
    if (ledger === undefined) return;
    this.#ledgers.delete(face);
    this.#ports.onShown(ledger.close(this.#ports.clock.now(), goesOn));
  }

  #reported(report: ScreenReport | null): void {
    const now = this.#ports.clock.monotonic();
    for (const { face } of this.#faces) {
      if (face.rect === null) continue;
      if (report === null || report.revision !== this.#revision) {
        if (!this.#unconfirmed.has(face.name)) this.#unconfirmed.set(face.name, now);
      } else this.#unconfirmed.delete(face.name);
      if (report !== null) this.#ledgers.get(face.name)?.report(report);
    }
  }
}
