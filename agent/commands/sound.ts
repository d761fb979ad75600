/** Commands that change what is heard at once: announce, stop, speak live, mute, volume. */
import { isFor } from "../../playback/agenda/for-output.ts";
import type { Facts } from "../../playback/model/facts.ts";
import { type Millis, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { originOf } from "../adopted.ts";
import type { FactBoard } from "../fact-board.ts";
import { done, type Family, failed } from "./family.ts";

export interface SoundPorts {
  readonly clock: Clock;
  readonly board: Pick<FactBoard, "announce" | "stopAnnouncement" | "setMuted" | "setVolume"> & {
    readonly facts: Pick<Facts, "announcements" | "live" | "outputs">;
  };
}

/** A grant stands this much longer than it may sound: time for the source to answer and the amplifier to settle. */
const SETTING_UP: Millis = 10 * SECOND;

export function soundCommands({ clock, board }: SoundPorts): Family {
  const nowhere = (outputs: readonly string[]) =>
    board.facts.outputs.some((output) => isFor(outputs, output))
      ? null
      : failed(`none of the outputs ${outputs.join(", ")} is here; here are ${board.facts.outputs.join(", ")}`);
  return {
    announce: ({ title, items, volume, longestMs, duck, outputs }, { document }) => {
      const elsewhere = nowhere(outputs);
      if (elsewhere !== null) return elsewhere;
      const origin = originOf({ ...document, adoptedAt: clock.now() });
      board.announce({ id: document.claims.jti, title, items, volume, longestMs, duck, outputs, origin });
      return done("accepted; the play log says what sounded");
    },
    stop: ({ announcement }) =>
      board.stopAnnouncement(announcement) ? done() : failed(`no announcement '${announcement}' stands`),
    "live-start": ({ title, source, longestMs, outputs }, { document }) => {
      if (!board.facts.live.has(source)) {
        return failed(`source-not-approved: no content document in force names a live source '${source}'`);
      }
      const elsewhere = nowhere(outputs);
      if (elsewhere !== null) return elsewhere;
      const origin = originOf({ ...document, adoptedAt: clock.now() });
      const item = { kind: "live", id: "live", title, source, longestMs, fallback: [] } as const;
      const { jti: id } = document.claims;
      board.announce({ id, title, items: [item], longestMs: longestMs + SETTING_UP, outputs, origin });
      return done("accepted; the play log says what sounded");
    },
    "live-stop": ({ grant }) => (board.stopAnnouncement(grant) ? done() : failed(`no grant '${grant}' stands`)),
    mute: async ({ muted }, { by }) => {
      await board.setMuted(muted, by);
      return done();
    },
    volume: async ({ percent }, { by }) => {
      await board.setVolume(percent, by);
      return done();
    },
  };
}
