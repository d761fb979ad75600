/**
 * What follows from a scene for a face's own controller: power, blanking and brightness as far as it can be told them. Everything is said again
 * after a restart, because a board keeps what it was told last. Pure but for the keeper that it hands it to.
 */
import type { CardKeeper } from "../../drivers/display/card-keeper.ts";
import type { DisplayKeeper } from "../../drivers/display/keeper.ts";
import type { FaceDriver, FaceLight } from "../../playback/board/board-conductor.ts";
import type { FaceScene } from "../../playback/model/board.ts";
import type { DisplayAbilities, DisplayWish } from "../../playback/ports/display-controller.ts";

/** What is wanted of the controller. A face that shows nothing is dark, whatever else it is fed. */
export function wishFor(can: DisplayAbilities, { showing }: FaceScene, light: FaceLight): DisplayWish {
  const shows = light.lit && showing.kind !== "blank";
  const has = (aspect: keyof DisplayWish) => can.aspects.has(aspect);
  return {
    // Out of hours it is switched off; between two playlists it is only black, which is quicker and wears no relay.
    ...(has("power") ? { power: light.lit } : {}),
    ...(has("blank") ? { blank: !shows } : {}),
    ...(has("brightness") ? { brightness: light.percent } : {}),
    // Left behind by somebody's test.
    ...(has("pattern") ? { pattern: "none" } : {}),
  };
}

export class ControllerDriver implements FaceDriver {
  readonly #keeper: DisplayKeeper;
  readonly #can: DisplayAbilities;
  readonly #card: Pick<CardKeeper, "show"> | null;

  /** `card`: keeps the pictures of an asynchronous card; `null` for a face that shows what it is fed. */
  constructor(keeper: DisplayKeeper, can: DisplayAbilities, card: Pick<CardKeeper, "show"> | null) {
    this.#keeper = keeper;
    this.#can = can;
    this.#card = card;
  }

  get dims(): boolean {
    return this.#can.aspects.has("brightness");
  }

  show(scene: FaceScene, light: FaceLight): void {
    this.#keeper.want(wishFor(this.#can, scene, light));
    this.#card?.show(scene, light.lit);
  }
}
