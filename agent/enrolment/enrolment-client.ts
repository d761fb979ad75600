/** Asks the enrolment service for a certificate: with a one-time claim the first time, with the present certificate afterwards (after EST, RFC 7030). */
import { request as httpRequest } from "node:http";
import type { TLSSocket } from "node:tls";
import { z } from "zod";
import type { Millis } from "../../playback/model/units.ts";
import { MAX_DOCUMENT_BYTES } from "../contract/envelope.ts";
import { type Delivered, delivered, timeAnswer } from "../uplink/time-before-tls.ts";

/** For the whole exchange, the answer's last byte included: a service that drips is as silent as one that says nothing. */
const LIMIT: Millis = 30_000;
const MAX_CERTIFICATE = 65_536;
const MAX_ANSWER = MAX_CERTIFICATE + 4 * MAX_DOCUMENT_BYTES;

const issued = z.object({
  certificate: z.string().max(MAX_CERTIFICATE),
  documents: timeAnswer.shape.documents.default([]),
});

export interface Issued {
  /** The chain, PEM. */
  readonly certificate: string;
  /** Signed documents in the order in which they are to be received: the chain of trust, and the countersignature of the acceptance. */
  readonly documents: readonly Delivered[];
}

/** The service refused, and asking again with the same claim is of no use. */
export class EnrolmentRefused extends Error {}

export interface EnrolmentRequest {
  readonly station: string;
  /** PKCS #10, PEM. */
  readonly request: string;
  /** One-time; absent where the present certificate speaks. */
  readonly claim?: string;
  /** The newest acceptance, to be countersigned. */
  readonly acceptance?: HandedAcceptance;
}

export interface HandedAcceptance {
  /** Of the record's exact bytes. */
  readonly sha256: string;
  /** The life of the station's database, which an `ack` names. */
  readonly stream: string;
}

/**
 * The certificate, and what is said beside it. `socket` is a TLS connection that was verified already; it is destroyed after `limit`.
 * @throws EnrolmentRefused with the service's own reason; Error where it could not be asked, or did not answer in time
 */
export async function askForCertificate(
  url: string,
  body: EnrolmentRequest,
  socket: TLSSocket,
  limit: Millis = LIMIT,
): Promise<Issued> {
  // Not the request's own `timeout`: Node arms it through an agent only, and every byte would put it off.
  const late = setTimeout(() => socket.destroy(new Error(`no whole answer within ${limit / 1000} s`)), limit);
  try {
    return await exchange(url, body, socket);
  } finally {
    clearTimeout(late);
  }
}

function exchange(url: string, body: EnrolmentRequest, socket: TLSSocket): Promise<Issued> {
  const { hostname, port, pathname } = new URL(url);
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: hostname,
        port: Number(port || 443),
        path: pathname,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
        // Without an agent: the connection was made and judged before.
        createConnection: () => socket,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_ANSWER) incoming.destroy(new Error(`the answer has more than ${MAX_ANSWER} bytes`));
          else chunks.push(chunk);
        });
        incoming.on("error", reject);
        incoming.on("end", () => {
          const answer = Buffer.concat(chunks).toString("utf8");
          const status = incoming.statusCode ?? 0;
          if (status >= 400 && status < 500) return reject(new EnrolmentRefused(`${status}: ${answer.slice(0, 300)}`));
          if (status !== 200) return reject(new Error(`the enrolment service answered ${status}`));
          try {
            const { certificate, documents } = issued.parse(JSON.parse(answer));
            resolve({ certificate, documents: delivered(documents) });
          } catch (error) {
            reject(new Error("the enrolment service gave no certificate", { cause: error }));
          }
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}
