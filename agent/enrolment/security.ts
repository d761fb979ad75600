/** Puts the parts of enrolment together as `station.yaml` says: authorities, identities, the claim, and how the services are reached. */
import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates, type TLSSocket } from "node:tls";
import { StationError } from "../../playback/model/station-error.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { StationFile } from "../config/station-file.ts";
import { parseCertificates } from "./certificates.ts";
import { Claims } from "./claims.ts";
import { type Credentials, Enrolment, type EnrolmentPorts } from "./enrolment.ts";
import { askForCertificate, type EnrolmentRequest } from "./enrolment-client.ts";
import { type DamageTold, IdentityStore } from "./identity-store.ts";
import { secureConnection, secureSocket } from "./secure-socket.ts";

export interface Security {
  /** `null` where `station.yaml` names no enrolment service. */
  readonly enrolment: Enrolment | null;
  /** A verified TLS connection that shows the station's certificate, and what it showed. */
  readonly secure: (host: string, port: number) => TLSSocket;
  /** How the last connection of `secure` ended: the pair it showed is believed, or not. */
  readonly secured: (stood: boolean) => Promise<void>;
  /** What was lost of the station's own keys and certificates and is not replaced yet; `null` where nothing was. */
  readonly damage: () => string | null;
  /** Takes a claim that a technician types. */
  readonly takeClaim: (claim: string) => Promise<void>;
}

export interface SecurityPorts {
  readonly file: StationFile;
  readonly clock: Clock;
  readonly record: (kind: string, body: object) => Promise<void>;
  readonly acceptance: EnrolmentPorts["acceptance"];
  readonly deliver: EnrolmentPorts["deliver"];
  readonly onIssued: EnrolmentPorts["onIssued"];
  /** The disk keeps no identity, or does not tell of one that is damaged; the station goes on without. */
  readonly onFault: (error: unknown) => void;
}

async function authoritiesOf(path: string | undefined): Promise<readonly X509Certificate[] | null> {
  if (path === undefined) return null;
  try {
    const found = parseCertificates(await readFile(path, "utf8"));
    if (found.length === 0) throw new Error("it holds no certificate");
    return found;
  } catch (error) {
    throw new StationError("config-invalid", `the authorities in ${path} cannot be used`, { cause: error });
  }
}

/** @throws StationError `config-invalid` where the authorities cannot be read */
export async function openSecurity(ports: SecurityPorts): Promise<Security> {
  const { file, clock, record, acceptance, deliver, onIssued, onFault } = ports;
  const { identity, station } = file;
  let known = await authoritiesOf(identity.authorities);
  /** Where none are given, those that the runtime brings; read when first needed, for there are many. */
  const authorities = () => {
    known ??= rootCertificates.map((pem) => new X509Certificate(pem));
    return known;
  };
  const tell: DamageTold = (slot, why) => record("identity-damaged", { slot, why });
  const identities = await IdentityStore.open(join(file.state, "identity"), tell, onFault);
  const claims = new Claims(identity.claim ?? null, join(file.state, "identity"));
  let shown: Credentials | null = null;

  const ask = async (what: "enrol" | "renew", body: EnrolmentRequest, shows: Credentials | null) => {
    const url = new URL(identity.enrolUrl ?? "");
    if (what === "renew") url.pathname = url.pathname.replace(/[^/]*$/, "renew");
    const socket = await secureConnection({
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: Number(url.port || 443),
      authorities: authorities(),
      own: shows,
      now: () => clock.now(),
    });
    return askForCertificate(url.href, body, socket);
  };
  const enrolment =
    identity.enrolUrl === undefined
      ? null
      : new Enrolment({
          identities,
          clock,
          station,
          claim: () => claims.current(),
          claimUsed: (claim) => claims.used(claim),
          ask,
          acceptance,
          deliver,
          spread: createHash("sha256").update(station).digest().readUInt32BE(0) / 2 ** 32,
          random: Math.random,
          record,
          onIssued,
        });
  return {
    enrolment,
    secure: (host, port) => {
      shown = enrolment?.credentials() ?? null;
      return secureSocket({ host, port, authorities: authorities(), own: shown, now: () => clock.now() });
    },
    secured: async (stood) => {
      if (shown === null || enrolment === null) return;
      if (stood) await enrolment.worked(shown);
      else enrolment.turnedAway(shown);
    },
    damage: () => (identities.damaged.length === 0 ? null : `${identities.damaged.join(" and ")} could not be read`),
    takeClaim: async (claim) => {
      await claims.type(claim);
      enrolment?.claimTyped();
    },
  };
}
