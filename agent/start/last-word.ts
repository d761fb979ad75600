/**
 * The snapshot for a start that begins the database anew: beside the documents of the last one, what counts in this run though the damaged database did
 * not take it. Else an officer's mute, an alert that was stopped on the spot, or the cancel of one would be undone by the very restart. Pure.
 */
import type { Facts } from "../../playback/model/facts.ts";
import type { StoredDocument } from "../../storage/documents.ts";
import type { Adopted } from "../adopted.ts";
import type { Snapshot } from "./snapshot.ts";

/** `last` stands on the disk, `taken` is of the store now, `documents` and `facts` are what this run goes by. */
export function lastWord(
  last: Snapshot | null,
  taken: Snapshot,
  documents: readonly Adopted[],
  facts: Pick<Facts, "muted" | "policy" | "emergencies">,
): Snapshot {
  const base = last ?? taken;
  // Alerts alone are adopted where the disk takes nothing.
  const alerts = documents.filter(({ key }) => key.kind === "emergency").map(asStored);
  const named = new Set(alerts.map(nameOf));
  // The configuration belongs to its documents, and those must have stood for a while.
  const { config: _, ...notes } = taken.notes;
  return {
    ...taken,
    documents: [...base.documents.filter((one) => !named.has(nameOf(one))), ...alerts],
    notes: { ...base.notes, ...notes, ...controls(taken.notes, facts) },
  };
}

function asStored({ key, claims, sha256, bytes, adoptedAt }: Adopted): StoredDocument {
  return { ...key, seq: claims.seq, issuer: claims.iss, sha256, bytes, adoptedAt };
}

function nameOf({ kind, level, address, identifier }: StoredDocument): string {
  return [kind, level, address, identifier].join("\n");
}

/** As they take effect, in place of what was noted of them. */
function controls(noted: Snapshot["notes"], { muted, policy, emergencies }: Parameters<typeof lastWord>[3]) {
  const before = noted["emergency-stopped"];
  const stopped = emergencies.filter(({ ended }) => ended?.reason === "emergency-stopped");
  const identifiers = [
    ...(Array.isArray(before) ? before.map(String) : []),
    ...stopped.map(({ emergency }) => emergency.identifier),
  ];
  return {
    muted,
    // Where nobody has set one, it is the configuration's.
    ...(typeof noted.volume === "number" ? { volume: policy.volume } : {}),
    "emergency-stopped": [...new Set(identifiers)],
  };
}
