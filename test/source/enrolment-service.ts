/**
 * Where stations come for certificates and for signed time: claims are used once, renewals are asked for by the certificate that ends. An
 * acceptance that is handed in with a claim is countersigned.
 */
import { once } from "node:events";
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { z } from "zod";
import { identifier } from "../../agent/contract/primitives.ts";
import type { Authority, Span } from "./authority.ts";

const MAX_BODY = 32_768;
const acceptance = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), stream: z.string().min(1).max(64) });
const enrol = z.strictObject({
  ...{ station: identifier, request: z.string(), claim: z.string().max(200) },
  acceptance: acceptance.optional(),
});
const renew = z.strictObject({ station: identifier, request: z.string() });
const time = z.strictObject({ station: identifier, nonce: z.string().max(64) });

interface Claim {
  readonly station: string;
  readonly expires: number;
  used: boolean;
}

export interface EnrolmentServiceOptions {
  readonly authority: Authority;
  readonly server: { readonly key: string; readonly certificate: string };
  /** The documents that answer a nonce. */
  readonly answerTime: (station: string, nonce: string) => Promise<{ topic: string; document: string }[]>;
  /** The documents that countersign an acceptance which is handed in with a claim. */
  readonly countersign: (
    station: string,
    handed: z.infer<typeof acceptance>,
  ) => Promise<{ topic: string; document: string }[]>;
  /** Life of the certificates to come; a test makes it short. */
  readonly life?: () => Span;
}

class Denied extends Error {}

export class EnrolmentService {
  readonly #options: EnrolmentServiceOptions;
  readonly #claims = new Map<string, Claim>();
  /** Serials of the certificates that a station was given and may still hold. */
  readonly #held = new Map<string, Set<string>>();
  readonly #servers: Server[] = [];
  /** Answers to drop, as a network does: the request is done, its answer is lost. */
  loseAnswers = 0;
  enrolUrl = "";
  timeUrl = "";

  private constructor(options: EnrolmentServiceOptions) {
    this.#options = options;
  }

  static async start(options: EnrolmentServiceOptions): Promise<EnrolmentService> {
    const service = new EnrolmentService(options);
    const { key, certificate } = options.server;
    const secure = createHttps(
      { key, cert: certificate, ca: options.authority.certificate, requestCert: true, rejectUnauthorized: false },
      (incoming, outgoing) => void service.#answer(incoming, outgoing),
    );
    const plain = createHttp((incoming, outgoing) => void service.#answer(incoming, outgoing));
    for (const server of [secure, plain]) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    service.#servers.push(secure as unknown as Server, plain);
    service.enrolUrl = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/enrol`;
    service.timeUrl = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/time`;
    return service;
  }

  /** A claim for one station, once. `replace` revokes what the station's lost board held. */
  addClaim(secret: string, station: string, expires = Date.now() + 7 * 86_400_000): void {
    this.#claims.set(secret, { station, expires, used: false });
  }

  /** The old board's certificate no longer opens anything. */
  replaceBoard(station: string): void {
    for (const serial of this.#held.get(station) ?? []) this.#options.authority.revoke(serial);
    this.#held.delete(station);
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => {
        server.closeAllConnections();
        return new Promise<void>((resolve) => server.close(() => resolve()));
      }),
    );
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const body = await readBody(incoming);
      const answer = await this.#perform(incoming, body);
      if (this.loseAnswers > 0) {
        this.loseAnswers -= 1;
        incoming.destroy();
        return;
      }
      outgoing.writeHead(200, { "content-type": "application/json" }).end(answer);
    } catch (error) {
      const status = error instanceof Denied || error instanceof z.ZodError ? 403 : 500;
      outgoing.writeHead(status).end(error instanceof Error ? error.message : String(error));
    }
  }

  async #perform(incoming: IncomingMessage, body: unknown): Promise<string> {
    const socket = incoming.socket as TLSSocket;
    if (incoming.url === "/time") {
      const asked = time.parse(body);
      return JSON.stringify({ documents: await this.#options.answerTime(asked.station, asked.nonce) });
    }
    // A claim or a request for a certificate over plain HTTP would be read on the way.
    if (socket.encrypted !== true) throw new Denied("only over TLS");
    if (incoming.url === "/enrol") return this.#enrol(enrol.parse(body));
    if (incoming.url === "/renew") return this.#renew(renew.parse(body), socket);
    throw new Denied("no such service");
  }

  async #enrol(asked: z.infer<typeof enrol>): Promise<string> {
    const claim = this.#claims.get(asked.claim);
    if (claim === undefined || claim.station !== asked.station) throw new Denied("the claim is not for this station");
    if (claim.expires < Date.now()) throw new Denied("the claim has ended");
    // The same request again is a lost answer; another one is a stolen claim.
    if (claim.used && this.#asked.get(asked.station) !== asked.request) throw new Denied("the claim was used already");
    claim.used = true;
    const handed = asked.acceptance;
    const documents = handed === undefined ? [] : await this.#options.countersign(asked.station, handed);
    return this.#issue(asked.station, asked.request, documents);
  }

  readonly #asked = new Map<string, string>();

  async #renew(asked: z.infer<typeof renew>, socket: TLSSocket): Promise<string> {
    const peer = socket.getPeerX509Certificate();
    // A board that lay in a store for a year is still the board that holds this key; one that was replaced is not.
    const expired = String(socket.authorizationError ?? "") === "CERT_HAS_EXPIRED";
    const known =
      socket.authorized ||
      (expired && this.#held.get(asked.station)?.has(peer?.serialNumber.toLowerCase() ?? "") === true);
    if (!known || peer?.subject !== `CN=${asked.station}`) throw new Denied("renewal needs the present certificate");
    return this.#issue(asked.station, asked.request);
  }

  async #issue(station: string, request: string, documents: object[] = []): Promise<string> {
    const { authority, life } = this.#options;
    const { certificate, serial } = await authority.sign(request, station, life?.());
    this.#held.set(station, (this.#held.get(station) ?? new Set()).add(serial));
    this.#asked.set(station, request);
    return JSON.stringify({ certificate, documents });
  }
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY) throw new Denied("too much");
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
