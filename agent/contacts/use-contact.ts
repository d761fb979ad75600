/** What a contact does to the station when a hand closes or opens it. */
import { StationError } from "../../playback/model/station-error.ts";
import type { FactBoard } from "../fact-board.ts";
import type { Pages } from "../paging/pages.ts";
import type { ContactHappening } from "./debounce.ts";
import type { HandPurpose } from "./purposes.ts";

/** A person or a contact, as the journal names it. */
const BY = "contact ";
export const byContact = (name: string) => `${BY}${name}`;

/**
 * `held`: another contact of this purpose is still closed by a hand.
 * @throws StationError `config-invalid` where nothing signed says what may be raised, or that anybody may speak
 */
export async function useContact(
  board: Pick<FactBoard, "raiseAlert" | "raised" | "stopEmergencies" | "setMuted">,
  pages: Pick<Pages, "begin" | "stop" | "standing">,
  does: HandPurpose,
  happened: Exclude<ContactHappening, null>,
  by: string,
  held: boolean,
): Promise<void> {
  const { raised } = board;
  // The key was turned back while the agent was down.
  if (happened === "found-open" && !(does === "local-alert" && raised?.by === by)) return;
  if (does === "mute") return board.setMuted(happened === "closed", by);
  if (does === "page") return usePage(pages, happened, by);
  if (does === "emergency-stop") {
    if (happened === "closed") await board.stopEmergencies(null, by);
    return;
  }
  if (happened !== "closed") {
    // Keys raise one alert together, and the last that is turned back ends it; who raised it by a word ends it by a word.
    if (raised?.by.startsWith(BY) && !held) await board.stopEmergencies([raised.identifier], by);
    return;
  }
  const identifier = await board.raiseAlert(by);
  if (typeof identifier !== "string") throw new StationError("config-invalid", identifier.detail);
}

/** Push to talk: one speaks while it is closed. Only who began ends it. */
async function usePage(
  pages: Pick<Pages, "begin" | "stop" | "standing">,
  happened: Exclude<ContactHappening, null>,
  by: string,
): Promise<void> {
  if (happened !== "closed") {
    if (pages.standing?.by === by) await pages.stop(by);
    return;
  }
  const page = await pages.begin(by);
  if (typeof page !== "string") throw new StationError("config-invalid", page.detail);
}
