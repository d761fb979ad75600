/**
 * Whether a certificate may be believed, by the station's own clock. TLS libraries judge dates by the system's clock, which on a board
 * without a battery may stand in 1970: then every certificate is "not yet valid", and a station that cannot connect never learns the time.
 * Pure.
 */
import { X509Certificate } from "node:crypto";
import type { Instant, Millis } from "../../playback/model/units.ts";

const LONGEST_CHAIN = 5;

/** Every certificate of a PEM text, in its order. @throws Error where one cannot be read */
export function parseCertificates(pem: string): X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return found.map((one) => new X509Certificate(one));
}

export const commonName = (certificate: X509Certificate) => /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? null;

export const validity = (certificate: X509Certificate): { readonly from: Instant; readonly to: Instant } => ({
  from: Date.parse(certificate.validFrom),
  to: Date.parse(certificate.validTo),
});

/** Why the certificate is none of these authorities', or is not valid at `at`; `null` where all is well. */
export function distrust(
  leaf: X509Certificate,
  given: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  at: Instant,
): string | null {
  let certificate = leaf;
  for (let depth = 0; depth < LONGEST_CHAIN; depth++) {
    const { from, to } = validity(certificate);
    const name = commonName(certificate) ?? "without a name";
    if (at < from) return `the certificate ${name} is valid from ${new Date(from).toISOString()} on`;
    if (at > to) return `the certificate ${name} ended at ${new Date(to).toISOString()}`;
    const root = authorities.find((one) => isIssuedBy(certificate, one));
    if (root !== undefined) {
      const life = validity(root);
      return at < life.from || at > life.to ? `the authority ${commonName(root)} is out of its time` : null;
    }
    const issuer = given.find((one) => one.ca && one !== certificate && isIssuedBy(certificate, one));
    if (issuer === undefined) return `the certificate ${name} was issued by none of the known authorities`;
    certificate = issuer;
  }
  return "the chain of certificates is too long";
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** From this share of its life on a certificate is renewed; spread so that a fleet enrolled on one day does not renew on one day. */
const EARLIEST_SHARE = 0.5;
const LATEST_SHARE = 0.66;

/** When to renew. `spread` in [0, 1), fixed for the station. */
export function renewAt({ from, to }: { from: Instant; to: Instant }, spread: number): Instant {
  const life: Millis = to - from;
  return from + life * (EARLIEST_SHARE + (LATEST_SHARE - EARLIEST_SHARE) * spread);
}
