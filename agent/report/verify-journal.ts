/**
 * The journal's verdict, with the evidence that its pruning rests on: the chain alone cannot tell whether a beginning was removed by right or
 * by somebody who also wrote the checkpoint himself. Only the source's signature can.
 */
import { isRefusal } from "../../playback/ports/media.ts";
import type { Journal, Verdict } from "../../storage/journal.ts";
import type { Admission } from "../admission/admission.ts";

export interface VerifyPorts {
  readonly journal: Pick<Journal, "verify" | "checkpoint">;
  readonly admission: Pick<Admission, "readmit">;
  readonly station: string;
}

/** @throws StationError `storage-failed` */
export async function verifyJournal({ journal, admission, station }: VerifyPorts): Promise<Verdict> {
  const verdict = await journal.verify();
  const checkpoint = await journal.checkpoint();
  if (!verdict.ok || verdict.pruned === 0 || checkpoint === null) return verdict;
  const wrong = (problem: string): Verdict => ({
    ok: false,
    seq: verdict.pruned,
    problem: `the pruning's checkpoint ${problem}`,
  });
  const topic = { kind: "ack", address: `station/${station}`, detail: "" } as const;
  const examined = await admission.readmit(topic, checkpoint.evidence);
  if (isRefusal(examined)) return wrong(`does not pass: ${examined.detail}`);
  const signed = examined.body.kind === "ack" ? examined.body.value : null;
  const same = signed?.station === station && signed.checkpoint?.seq === checkpoint.seq;
  return same && signed.checkpoint?.hash === checkpoint.hash ? verdict : wrong("is not what its evidence says");
}
