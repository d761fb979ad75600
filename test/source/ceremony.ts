/**
 * The key ceremony of a province that exists only for this run: root, and one delegation per role. Private keys stay in
 * memory or in the run's own temporary folder; none of them is ever committed.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Address } from "../../agent/contract/primitives.ts";
import {
  delegation,
  ROLES,
  type Role,
  type RootFile,
  type rootBody,
  rootFile,
  type scope,
  trustBody,
} from "../../agent/contract/trust.ts";
import { BULLETIN_CLASSES, LEVELS } from "../../playback/model/bulletin.ts";
import { newSigningKey, type SigningKey, signingKey } from "./keys.ts";

const FILE = "ceremony.json";

/** How many keys a role has and how many must sign. */
export interface Quorum {
  readonly keys: number;
  readonly threshold: number;
}

/** What a delegation may reach; the members left out mean the whole province, every level, every class. */
export type ScopeInput = Partial<z.input<typeof scope>>;

/** A further holder of a role: a commune's desk, a second emergency centre. */
export interface ExtraDelegation {
  readonly role: Role;
  readonly issuer: string;
  readonly scope: ScopeInput;
  readonly quorum?: Quorum;
}

export interface CeremonyOptions {
  /** Two digits. */
  readonly province?: string;
  readonly root?: Quorum;
  /** 1 of 1 where nothing is said. */
  readonly quorums?: Partial<Record<Role, Quorum>>;
  /** Scope of the province's own delegations, where a role is to have less than everything. */
  readonly scopes?: Partial<Record<Role, ScopeInput>>;
  readonly extra?: readonly ExtraDelegation[];
}

/** A delegation together with the private keys that stand behind it. */
export interface Holder {
  readonly role: Role;
  readonly issuer: string;
  readonly keys: readonly SigningKey[];
  readonly threshold: number;
  readonly scope: z.input<typeof scope>;
}

/** Root keys of one version. */
export interface RootKeys {
  readonly version: number;
  readonly keys: readonly SigningKey[];
  readonly threshold: number;
}

/** How root is to change. */
export interface RootChange extends Partial<Quorum> {
  /** How many of the old keys stay; none where nothing is said. */
  readonly keep?: number;
}

/** A new root, and the keys that have to sign it: the threshold of the old and of the new. */
export interface RootRotation {
  readonly body: z.input<typeof rootBody>;
  readonly keys: readonly SigningKey[];
  readonly before: RootKeys;
  readonly after: RootKeys;
}

/** All keys of one run. */
export class Ceremony {
  readonly province: string;
  /** The newest; `rotateRoot` replaces it. */
  root: RootKeys;
  readonly holders: readonly Holder[];

  private constructor(province: string, root: Ceremony["root"], holders: readonly Holder[]) {
    this.province = province;
    this.root = root;
    this.holders = holders;
  }

  /** Makes all keys: root 2 of 3 and every role 1 of 1, unless told otherwise. */
  static async hold(options: CeremonyOptions = {}): Promise<Ceremony> {
    const province = options.province ?? "01";
    const root = options.root ?? { keys: 3, threshold: 2 };
    const wanted: ExtraDelegation[] = [
      ...ROLES.map((role) => ({
        role,
        issuer: `province-${province}`,
        scope: options.scopes?.[role] ?? {},
        quorum: options.quorums?.[role] ?? { keys: 1, threshold: 1 },
      })),
      ...(options.extra ?? []),
    ];
    const holders = wanted.map(async ({ role, issuer, scope, quorum = { keys: 1, threshold: 1 } }) => ({
      role,
      issuer,
      keys: await makeKeys(quorum.keys),
      threshold: quorum.threshold,
      scope: {
        ...scope,
        addresses: scope.addresses ?? ["all", `province/${province}` as const],
        levels: scope.levels ?? [...LEVELS],
        classes: scope.classes ?? [...BULLETIN_CLASSES],
      },
    }));
    return new Ceremony(
      province,
      { version: 1, keys: await makeKeys(root.keys), threshold: root.threshold },
      await Promise.all(holders),
    );
  }

  /** The delegation of a role; without an issuer the province's own. @throws where there is none. */
  holder(role: Role, issuer = `province-${this.province}`): Holder {
    const found = this.holders.find((candidate) => candidate.role === role && candidate.issuer === issuer);
    if (found === undefined) throw new Error(`${issuer} holds no ${role} key`);
    return found;
  }

  /** What the station pins at installation. */
  rootFile(): RootFile {
    return rootFile.parse(publicRoot(this.root));
  }

  /** Makes the next version of root. Who publishes it signs it with `keys`, and its trust document with the same. */
  async rotateRoot(change: RootChange = {}): Promise<RootRotation> {
    const before = this.root;
    const { keep = 0, keys = before.keys.length, threshold = before.threshold } = change;
    const kept = before.keys.slice(0, keep);
    const after = { version: before.version + 1, keys: [...kept, ...(await makeKeys(keys - keep))], threshold };
    this.root = after;
    return { body: publicRoot(after), keys: signersOf(before, after), before, after };
  }

  /** Writes `root.json` into a folder, for a station's configuration, and returns its path. */
  async writeRootFile(folder: string): Promise<string> {
    const file = join(folder, "root.json");
    await writeFile(file, `${JSON.stringify(this.rootFile(), null, 2)}\n`);
    return file;
  }

  /** Body of the trust document; `holders` is where a test takes a key away or adds one. */
  trustBody(holders: readonly Holder[] = this.holders): z.input<typeof trustBody> {
    const delegations = holders.map(({ keys, ...rest }) => ({ ...rest, keys: keys.map((key) => key.publicJwk) }));
    return trustBody.parse({ delegations });
  }

  /** Keeps the private keys in the run's own folder, readable by nobody else. */
  async save(folder: string): Promise<void> {
    const { province, root, holders } = this;
    await writeFile(join(folder, FILE), JSON.stringify({ province, root, holders }), { mode: 0o600 });
  }

  /** Reads back what `save` wrote. */
  static async load(folder: string): Promise<Ceremony> {
    const saved = savedCeremony.parse(JSON.parse(await readFile(join(folder, FILE), "utf8")));
    const root = { ...saved.root, keys: await revive(saved.root.keys) };
    const holders = saved.holders.map(async (holder) => ({ ...holder, keys: await revive(holder.keys) }));
    return new Ceremony(saved.province, root, await Promise.all(holders));
  }
}

const savedKey = z.object({ privateJwk: z.object({ x: z.string(), d: z.string() }) });
const savedCeremony = z.object({
  province: z.string(),
  root: z.object({ version: z.int(), keys: z.array(savedKey), threshold: z.int() }),
  holders: z.array(delegation.extend({ keys: z.array(savedKey) })),
});

function publicRoot({ version, keys, threshold }: RootKeys): z.input<typeof rootBody> {
  return { version, keys: keys.map((key) => key.publicJwk), threshold };
}

/** A threshold of both, each key once. */
export function signersOf(before: RootKeys, after: RootKeys): SigningKey[] {
  const both = [...before.keys.slice(0, before.threshold), ...after.keys.slice(0, after.threshold)];
  return both.filter((key, index) => both.findIndex(({ kid }) => kid === key.kid) === index);
}

function makeKeys(count: number): Promise<SigningKey[]> {
  return Promise.all(Array.from({ length: count }, newSigningKey));
}

function revive(keys: readonly z.infer<typeof savedKey>[]): Promise<SigningKey[]> {
  return Promise.all(keys.map((key) => signingKey(key.privateJwk)));
}

/** The address of a whole province. */
export function provinceAddress(province: string): Address {
  return `province/${province}`;
}
