/** A certificate authority that exists only for this run: signs the province's servers and its stations' requests, and revokes. */
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 86_400_000;
const crypto = webcrypto as Crypto;

export interface Span {
  readonly from: number;
  readonly to: number;
}
export interface Issued {
  /** PEM, the leaf first. */
  readonly certificate: string;
  readonly serial: string;
}

/** Begins with no zero byte, which is written in one place and left out in another. */
function serialNumber(): string {
  const bytes = randomBytes(15);
  bytes.writeUInt8(bytes.readUInt8() & 0x7f || 1);
  return bytes.toString("hex");
}

async function newKeys(): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as CryptoKeyPair;
}

async function pemOf(key: CryptoKey): Promise<string> {
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)?.join("\n")}\n-----END PRIVATE KEY-----\n`;
}

export class Authority {
  readonly #keys: CryptoKeyPair;
  readonly #root: X509Certificate;
  readonly #revoked: { serial: string; at: number }[] = [];

  private constructor(keys: CryptoKeyPair, root: X509Certificate) {
    this.#keys = keys;
    this.#root = root;
  }

  static async found(
    name: string,
    span: Span = { from: Date.now() - DAY, to: Date.now() + 3_650 * DAY },
  ): Promise<Authority> {
    const keys = await newKeys();
    const root = await X509CertificateGenerator.createSelfSigned(
      {
        serialNumber: serialNumber(),
        name: `CN=${name}`,
        notBefore: new Date(span.from),
        notAfter: new Date(span.to),
        signingAlgorithm: ALGORITHM,
        keys,
        extensions: [
          new BasicConstraintsExtension(true, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        ],
      },
      crypto,
    );
    return new Authority(keys, root);
  }

  /** PEM. */
  get certificate(): string {
    return `${this.#root.toString("pem")}\n`;
  }

  /** A server's key and certificate for these names; `127.0.0.1` and the like become IP names. */
  async issueServer(names: readonly string[], span: Span = near()): Promise<Issued & { key: string }> {
    const keys = await newKeys();
    const alternative = names.map((value) => ({
      type: /^[\d.]+$|:/.test(value) ? ("ip" as const) : ("dns" as const),
      value,
    }));
    const issued = await this.#issue(`CN=${names[0]}`, keys.publicKey, span, [
      new SubjectAlternativeNameExtension(alternative),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    ]);
    return { ...issued, key: await pemOf(keys.privateKey) };
  }

  /** A client's key and certificate, as an administrator makes them for the source itself. */
  async issueClient(name: string, span: Span = near()): Promise<Issued & { key: string }> {
    const keys = await newKeys();
    const issued = await this.#issue(`CN=${name}`, keys.publicKey, span, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
    ]);
    return { ...issued, key: await pemOf(keys.privateKey) };
  }

  /** Signs a station's request (PEM) under the name it was claimed for, whatever name the request asks. @throws Error where the request's own signature is bad */
  async sign(request: string, station: string, span: Span = near()): Promise<Issued> {
    const asked = new Pkcs10CertificateRequest(request);
    if (!(await asked.verify(crypto))) throw new Error("the request is not signed by its own key");
    const key = await asked.publicKey.export(ALGORITHM, ["verify"], crypto);
    return this.#issue(`CN=${station}`, key, span, [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]);
  }

  revoke(serial: string): void {
    this.#revoked.push({ serial, at: Date.now() });
  }

  /** PEM, for the broker. */
  async revocationList(): Promise<string> {
    const list = await X509CrlGenerator.create(
      {
        issuer: this.#root.subject,
        thisUpdate: new Date(Date.now() - 60_000),
        nextUpdate: new Date(Date.now() + 30 * DAY),
        entries: this.#revoked.map(({ serial, at }) => ({ serialNumber: serial, revocationDate: new Date(at) })),
        signingAlgorithm: ALGORITHM,
        signingKey: this.#keys.privateKey,
      },
      crypto,
    );
    // OpenSSL knows the list by this name alone.
    const lines = Buffer.from(list.rawData)
      .toString("base64")
      .match(/.{1,64}/g);
    return `-----BEGIN X509 CRL-----\n${lines?.join("\n")}\n-----END X509 CRL-----\n`;
  }

  async #issue(subject: string, publicKey: CryptoKey, span: Span, extensions: readonly Extension[]): Promise<Issued> {
    const serial = serialNumber();
    const certificate = await X509CertificateGenerator.create(
      {
        serialNumber: serial,
        subject,
        issuer: this.#root.subject,
        notBefore: new Date(span.from),
        notAfter: new Date(span.to),
        signingAlgorithm: ALGORITHM,
        publicKey,
        signingKey: this.#keys.privateKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          ...extensions,
        ],
      },
      crypto,
    );
    return { certificate: `${certificate.toString("pem")}\n`, serial };
  }
}

function near(): Span {
  return { from: Date.now() - DAY, to: Date.now() + 365 * DAY };
}
