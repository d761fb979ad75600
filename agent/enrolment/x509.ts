/** The one file of the program that knows the X.509 library: keys and certificate requests (PKCS #10, RFC 2986), made on the device. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export interface KeyAndRequest {
  /** PKCS #8, PEM. */
  readonly key: string;
  /** PKCS #10, PEM; its only name is the station's. */
  readonly request: string;
}

/** A new P-256 key, and the request for a certificate of it. The key leaves this process only into its own file. */
export async function makeKeyAndRequest(station: string): Promise<KeyAndRequest> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name: `CN=${station}`, keys: keys as CryptoKeyPair, signingAlgorithm: ALGORITHM },
    webcrypto as Crypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const lines = pkcs8.match(/.{1,64}/g)?.join("\n") ?? "";
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
    request: request.toString("pem"),
  };
}
