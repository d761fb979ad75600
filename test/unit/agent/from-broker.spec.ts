/** What a document from the broker tells of the disk. */
import { expect, it } from "vitest";
import { fromBroker } from "../../../agent/uplink/from-broker.ts";
import { type Refusal, refusal } from "../../../playback/model/refusal.ts";
import { StationError } from "../../../playback/model/station-error.ts";

it("says that the disk fails until something was written again, not until something merely came", async () => {
  let recorded = 7;
  const spent: string[] = [];
  let outcome: () => Promise<Refusal | null> = () => Promise.resolve(null);
  const trouble: { storage: string | null } = { storage: null };
  const bring = fromBroker({
    take: () => outcome(),
    recorded: () => recorded,
    trouble,
    rubbish: { spend: async () => void spent.push("once") },
  });
  const come = () => bring("loa/v1/all/trust", Buffer.from("{}"));
  outcome = () => Promise.reject(new StationError("storage-failed", "database or disk is full"));
  await expect(come()).rejects.toThrow("disk is full");
  outcome = () => Promise.resolve(refusal("duplicate", "adopted already"));
  await come();
  expect([trouble.storage, spent]).toEqual(["database or disk is full", ["once"]]);
  outcome = async () => {
    recorded += 1;
    return null;
  };
  await come();
  expect([trouble.storage, spent]).toEqual([null, ["once"]]);
});
