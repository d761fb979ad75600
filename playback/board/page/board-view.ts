/**
 * All faces of the board. One time stamp per animation frame decides what every one of them shows; a new scene takes the old one's place on all
 * faces in one frame, when its pictures are there or have been waited for long enough. An alert waits for nothing but its fonts.
 */
import type { BoardScene } from "../../model/board.ts";
import type { SeenFace } from "../../ports/screen.ts";
import { FaceView } from "./face-view.ts";
import { fontsFor } from "./fonts.ts";
import { LocalTime } from "./local-time.ts";
import { SourcePool } from "./source-pool.ts";
import { allWords } from "./words.ts";

/** What is shown now stays so long while the next scene gets ready. */
const READY_WITHIN_MS = 2_000;
const ALERT_FONTS_MS = 80;
const FONTS_MS = 1_500;

export class BoardView {
  readonly #into: HTMLElement;
  readonly #pool = new SourcePool();
  readonly #faces = new Map<string, FaceView>();
  #scene: BoardScene | null = null;
  #local = new LocalTime("Asia/Ho_Chi_Minh");
  #revision = 0;
  /** The scene that waits for its pictures, and until when. */
  #waits: { readonly scene: BoardScene; readonly until: number } | null = null;
  /** Scenes told and prepared, counted: one whose fonts come late never takes the place of a newer one. */
  #told = 0;
  #prepared = 0;

  constructor(into: HTMLElement) {
    this.#into = into;
    // Other fonts measure otherwise: whatever was fitted before they came is fitted again.
    document.fonts.addEventListener("loadingdone", () => {
      for (const face of this.#faces.values()) face.measureAgain();
    });
    // Packaged words must be there before they are needed.
    void fontsFor([allWords()], FONTS_MS);
  }

  /** Revision of the scene that is painted. */
  get revision(): number {
    return this.#revision;
  }

  show(scene: BoardScene): void {
    const alert = scene.faces.some(({ showing }) => showing.kind === "alert");
    this.#told += 1;
    const turn = this.#told;
    void fontsFor(textsOf(scene), alert ? ALERT_FONTS_MS : FONTS_MS).then(() => {
      if (turn < this.#prepared) return;
      this.#prepared = turn;
      this.#prepare(scene, alert);
    });
  }

  /** @returns whether another scene or item is painted than before */
  frame(steady: number, now: number): boolean {
    this.#pool.frame(now);
    let changed = false;
    for (const face of this.#faces.values()) changed = face.frame({ now }) || changed;
    const waits = this.#waits;
    if (waits === null) return changed;
    const ready = [...this.#faces.values()].every((face) => face.ready);
    if (!ready && steady < waits.until) return changed;
    this.#waits = null;
    for (const face of this.#faces.values()) face.swap();
    this.#revision = waits.scene.revision;
    return true;
  }

  seen(): readonly SeenFace[] {
    return [...this.#faces.values()].map((face) => face.seen());
  }

  #prepare(scene: BoardScene, alert: boolean): void {
    this.#scene = scene;
    if (scene.zone !== this.#local.zone) this.#local = new LocalTime(scene.zone);
    this.#pool.resize(scene.screen);
    const names = new Set(scene.faces.map(({ face }) => face.name));
    for (const [name, view] of this.#faces) {
      if (names.has(name)) continue;
      view.close();
      this.#faces.delete(name);
    }
    const tools = {
      pool: this.#pool,
      local: this.#local,
      onAir: () => this.#scene?.onAir ?? { airing: null, next: [] },
    };
    for (const [index, one] of scene.faces.entries()) {
      if (one.face.rect === null) continue;
      const view = this.#faces.get(one.face.name) ?? new FaceView();
      this.#faces.set(one.face.name, view);
      if (!view.element.isConnected) this.#into.append(view.element);
      view.set(one, index + 1, tools);
    }
    // A scene that follows another before that was ready waits no longer than that would have: changes in a row must not hold up the first.
    const until = Math.min(this.#waits?.until ?? Number.POSITIVE_INFINITY, performance.now() + READY_WITHIN_MS);
    this.#waits = { scene, until: alert ? 0 : until };
  }
}

/** Every text that may be painted, for the fonts. */
function textsOf({ faces, onAir }: BoardScene): string[] {
  const alerts = faces.flatMap(({ showing }) =>
    showing.kind === "layout" || showing.kind === "alert" ? showing.alerts : [],
  );
  const items = faces.flatMap(({ showing }) =>
    showing.kind === "layout" ? showing.regions.flatMap((region) => region.items) : [],
  );
  return [
    ...alerts.flatMap(({ words }) => words.flatMap(({ headline, text }) => [headline, text ?? ""])),
    ...items.map((item) => (item.kind === "text" ? item.text : "")),
    ...faces.map(({ face }) => face.name),
    onAir.airing ?? "",
    ...onAir.next.map(({ title }) => title),
    allWords(),
  ];
}
