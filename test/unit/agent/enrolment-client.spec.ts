/** A service that takes the request and keeps the station waiting. */
import { X509Certificate } from "node:crypto";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { askForCertificate, EnrolmentRefused } from "../../../agent/enrolment/enrolment-client.ts";
import { secureConnection } from "../../../agent/enrolment/secure-socket.ts";
import { Authority } from "../../source/authority.ts";

const HOST = "127.0.0.1";
const REQUEST = { station: "xa-00004-cum-01", request: "a request", claim: "a claim" };

/** Asks a service that answers so, and waits no longer than `limit`. */
async function asking(answer: RequestListener, limit: number) {
  const authority = await Authority.found("unit");
  const { key, certificate } = await authority.issueServer([HOST]);
  const server = createServer({ key, cert: certificate }, answer);
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const authorities = [new X509Certificate(authority.certificate)];
  const socket = await secureConnection({ host: HOST, port, authorities, own: null, now: Date.now });
  return askForCertificate(`https://${HOST}:${port}/enrol`, REQUEST, socket, limit);
}

describe("asking for a certificate", () => {
  it("ends where the service takes the request and never answers", async () => {
    await expect(asking(() => undefined, 200)).rejects.toThrow("no whole answer within 0.2 s");
  });

  it("ends where the answer drips", async () => {
    const dripping = asking((_request, response) => {
      response.writeHead(200, { "content-length": 1_000 });
      const drip = setInterval(() => response.write("{"), 20);
      response.on("close", () => clearInterval(drip));
    }, 300);
    await expect(dripping).rejects.toThrow("no whole answer within 0.3 s");
  });

  it("takes what is answered in time, and a refusal for a refusal", async () => {
    const given = await asking((_request, response) => response.end('{"certificate":"PEM"}'), 10_000);
    expect(given).toEqual({ certificate: "PEM", documents: [] });
    const refused = asking((_request, response) => response.writeHead(403).end("used already"), 10_000);
    await expect(refused).rejects.toThrow(new EnrolmentRefused("403: used already"));
  });
});
