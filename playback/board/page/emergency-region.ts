/** Lesser alerts beside what else a face shows. Without one the region is not there, and what lies under it is seen. */
import type { SceneAlert } from "../../model/board.ts";
import { AlertPanel } from "./alert-panel.ts";
import type { Moment, Place, RegionView } from "./region-view.ts";

export class EmergencyRegion implements RegionView {
  readonly ready = true;
  readonly element = document.createElement("div");
  readonly #panel: AlertPanel | null;

  /** Alerts take turns from the moment the newest was sent. */
  constructor(place: Place, alerts: readonly SceneAlert[]) {
    const since = alerts.reduce((latest, { sent }) => Math.max(latest, sent), 0);
    this.#panel = alerts.length === 0 ? null : new AlertPanel(alerts, since, place);
    this.element.style.visibility = this.#panel === null ? "hidden" : "";
    if (this.#panel !== null) this.element.append(this.#panel.element);
  }

  frame({ now }: Moment): boolean {
    return this.#panel?.frame(now) ?? false;
  }

  seen(): readonly string[] {
    return this.#panel?.seen() ?? [];
  }

  faults(): readonly string[] {
    return [];
  }

  measureAgain(): void {
    this.#panel?.measureAgain();
  }

  close(): void {}
}
