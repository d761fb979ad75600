/** What the cases of the TUF conformance suite need: a door, ten keys, and short ways to publish as a province would. */
import type { Holder } from "../../source/ceremony.ts";
import { encode, signBytes } from "../../source/envelope.ts";
import { newSigningKey, type SigningKey } from "../../source/keys.ts";
import { Door, type DraftOptions, type Letter, schedule } from "./door.ts";
import type { Version } from "./tuf.ts";

export const AT_ALL = { address: "all" } as const;
export const content = { level: "province", media: [] };

interface Opened {
  readonly payload: string;
  readonly signatures: readonly { readonly protected: string; readonly signature: string }[];
}

/** Named as in the suite; what `run` returns is compared with `expected`. */
export type TufCase = readonly [expected: unknown, run: (bench: TufBench) => Promise<unknown>];
export type TufBench = Awaited<ReturnType<typeof openTufBench>>;

export async function openTufBench() {
  const door = await Door.open();
  const signers = await Promise.all(Array.from({ length: 10 }, newSigningKey));
  const some = (numbers: readonly number[]) => numbers.map((n) => signers[n] as SigningKey);
  const bodyOf = ({ keys, threshold }: Version) => ({ keys: some(keys).map((key) => key.publicJwk), threshold });
  const unchanged = (holder: Holder) => holder;
  return {
    door,
    some,
    bodyOf,
    /** The next trust document, with some holders changed. */
    trust: (seq: number, change: (holder: Holder) => Holder = unchanged, options: DraftOptions = {}) => {
      const body = door.ceremony.trustBody(door.ceremony.holders.map(change));
      return door.adopt("trust", body, { ...AT_ALL, seq, ...options });
    },
    withKeys: (role: string, version: Version) => (holder: Holder) =>
      holder.role === role ? { ...holder, keys: some(version.keys), threshold: version.threshold } : holder,
    /** The next trust document with other members than a ceremony would write. */
    rawTrust: async (seq: number, change: (delegation: Record<string, unknown>) => object): Promise<string> => {
      const claims = door.claims("trust", door.ceremony.trustBody(), { ...AT_ALL, seq });
      const body = { delegations: door.ceremony.trustBody().delegations.map((one) => change({ ...one })) };
      const bytes = Buffer.from(await signBytes(encode({ ...claims, body }), door.keysOf("trust")));
      return door.take({ topic: { kind: "trust", address: "all", detail: "" }, bytes });
    },
    rotate: (version: Version, number: number) =>
      door.adopt("root", { version: number, ...bodyOf(version) }, { ...AT_ALL, keys: some(version.sigs) }),
    rootVersion: () =>
      Number(door.admission.documents.find(({ key }) => key.kind === "root")?.key.identifier ?? door.pinned.version),
    envelopeOf: ({ bytes }: Letter) => JSON.parse(bytes.toString("utf8")) as Opened,
    again: (letter: Letter, value: unknown): Letter => ({ ...letter, bytes: Buffer.from(JSON.stringify(value)) }),
    /** A further holder of schedule keys, and where it may speak. */
    desk: async (addresses: readonly string[], issuer = "commune-00004"): Promise<Holder> => {
      const keys = [await newSigningKey()];
      const scope = { addresses, levels: ["commune"], classes: ["normal"] } as unknown as Holder["scope"];
      return { role: "schedule", issuer, keys, threshold: 1, scope };
    },
    entrust: async (...holders: readonly Holder[]): Promise<void> => {
      const body = door.ceremony.trustBody([...door.ceremony.holders, ...holders]);
      const outcome = await door.adopt("trust", body, { ...AT_ALL, seq: 2 });
      if (outcome !== "adopted") throw new Error(`the trust document was not adopted: ${outcome}`);
    },
    speak: ({ issuer, keys }: Holder, address: string, seq = 1) => {
      const options = { issuer, keys, seq, address: address as DraftOptions["address"] & {} };
      return door.adopt("schedule", schedule({}, "commune"), options);
    },
  };
}
