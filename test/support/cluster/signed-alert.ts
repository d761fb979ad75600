/** An alert signed beforehand, on no broker: what a stick carries, or what is published when the moment to measure has come. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { downlinkTopic } from "../../../agent/contract/topics.ts";
import { type BodyInput, compose, draftClaims, wireInstant } from "../../source/envelope.ts";
import type { ProvincialSource } from "../../source/source.ts";

export const ALERT_ADDRESS = "province/01";

export interface SignedAlert {
  readonly topic: string;
  readonly bytes: Uint8Array;
}

/** An actual alert from now on for a minute, unless `alert` says otherwise. */
export async function signAlert(
  source: ProvincialSource,
  seq: number,
  alert: Partial<BodyInput<"emergency">> & { identifier: string; headline: string },
): Promise<SignedAlert> {
  const holder = source.ceremony.holder("emergency");
  const now = Date.now();
  const meaning = { sent: wireInstant(now), expires: wireInstant(now + 60_000) };
  const claims = draftClaims({
    ...{ kind: "emergency", iss: holder.issuer, aud: [ALERT_ADDRESS], seq, exp: now + 60_000 },
    body: { status: "actual", msgType: "alert", ...meaning, ...alert },
  });
  const topic = downlinkTopic("emergency", ALERT_ADDRESS, alert.identifier);
  return { topic, bytes: await compose(claims, holder.keys) };
}

/** A stick with nothing but this alert. */
export async function writeAlertStick(folder: string, { topic, bytes }: SignedAlert): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "alert.jws"), bytes);
  await writeFile(
    join(folder, "bundle.json"),
    JSON.stringify({ version: 1, documents: [{ topic, file: "alert.jws" }] }),
  );
}
