/** Commands that change what is heard at once: announce, stop, mute, volume. */
import { isFor } from "../../playback/agenda/for-output.ts";
import type { Facts } from "../../playback/model/facts.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { originOf } from "../adopted.ts";
import type { FactBoard } from "../fact-board.ts";
import { done, type Family, failed } from "./family.ts";

export interface SoundPorts {
  readonly clock: Clock;
  readonly board: Pick<FactBoard, "announce" | "stopAnnouncement" | "setMuted" | "setVolume"> & {
    readonly facts: Pick<Facts, "announcements" | "outputs">;
  };
}

export function soundCommands({ clock, board }: SoundPorts): Family {
  return {
    announce: ({ title, items, volume, longestMs, outputs }, { document }) => {
      if (!board.facts.outputs.some((output) => isFor(outputs, output))) {
        return failed(`none of the outputs ${outputs.join(", ")} is here; here are ${board.facts.outputs.join(", ")}`);
      }
      const origin = originOf({ ...document, adoptedAt: clock.now() });
      board.announce({ id: document.claims.jti, title, items, volume, longestMs, outputs, origin });
      return done("accepted; the play log says what sounded");
    },
    stop: ({ announcement }) =>
      board.stopAnnouncement(announcement) ? done() : failed(`no announcement '${announcement}' stands`),
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
