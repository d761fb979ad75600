/** What becomes of each document that the broker brings: taken, the disk's state told by it, and whoever brings rubbish slowed down. */

import type { Refusal } from "../../playback/model/refusal.ts";
import { messageOf } from "../../playback/model/station-error.ts";
import type { Trouble } from "../station.ts";
import type { RubbishAllowance } from "./rubbish-allowance.ts";

export interface FromBrokerPorts {
  readonly take: (topic: string, payload: Buffer) => Promise<Refusal | null>;
  /** Number of the newest journal record on the disk. */
  readonly recorded: () => number;
  readonly trouble: Pick<Trouble, "storage">;
  readonly rubbish: Pick<RubbishAllowance, "spend">;
}

/** For the link's `onDocument`. @throws StationError `storage-failed`; then the broker brings it again */
export function fromBroker({ take, recorded, trouble, rubbish }: FromBrokerPorts) {
  return async (topic: string, payload: Buffer): Promise<void> => {
    const before = recorded();
    try {
      const refused = await take(topic, payload);
      // A document that is known already comes with each connection and writes nothing: it says nothing of the disk.
      if (recorded() > before) trouble.storage = null;
      if (refused !== null) await rubbish.spend();
    } catch (error) {
      trouble.storage = messageOf(error);
      throw error;
    }
  };
}
