/** A cluster whose broker asks for certificates, with the province's authority, enrolment and time services beside it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Authority, type Span } from "../../source/authority.ts";
import { type AccessOptions, brokerAccess } from "../../source/broker-access.ts";
import { EnrolmentService, type EnrolmentServiceOptions } from "../../source/enrolment-service.ts";
import { Cluster, type ClusterOptions, COMMUNE, PROVINCE, STATION } from "./cluster.ts";

export interface SecuredOptions extends Omit<ClusterOptions, "security" | "folder"> {
  readonly folder: string;
  /** Life of certificates issued to stations. */
  readonly life?: () => Span;
  /** The one-time claim that the station is commissioned with; none where `null`. */
  readonly claim?: string | null;
}

export const OTHER = { station: "xa-00007-cum-09", commune: "00007", province: "01" };
const SOURCE = "source-province-01";

export class SecuredCluster {
  readonly cluster: Cluster;
  readonly authority: Authority;
  readonly service: EnrolmentService;
  /** How the service countersigns an acceptance; a test lets it err. */
  countersign: EnrolmentServiceOptions["countersign"] = (station, handed) =>
    this.cluster.source.countersign(station, handed);
  readonly #folder: string;
  readonly #access: AccessOptions;

  private constructor(
    parts: Pick<SecuredCluster, "cluster" | "authority" | "service">,
    folder: string,
    access: AccessOptions,
  ) {
    this.cluster = parts.cluster;
    this.authority = parts.authority;
    this.service = parts.service;
    this.#folder = folder;
    this.#access = access;
  }

  static async open(options: SecuredOptions): Promise<SecuredCluster> {
    const { folder } = options;
    const papers = join(folder, "papers");
    await mkdir(papers, { recursive: true });
    const authority = await Authority.found("Loa test authority");
    const server = await authority.issueServer(["127.0.0.1", "localhost"]);
    const source = await authority.issueClient(SOURCE);
    const stations = [{ station: STATION, commune: COMMUNE, province: PROVINCE }, OTHER];
    const access: AccessOptions = { authority, server, source: SOURCE, stations };
    const lines = await brokerAccess(papers, access);
    // The service signs time through the source, which exists only once the cluster does.
    const late: { cluster?: Cluster; secured?: SecuredCluster } = {};
    const service = await EnrolmentService.start({
      authority,
      server,
      answerTime: (station, nonce) => {
        if (late.cluster === undefined) throw new Error("no source yet");
        return late.cluster.source.answerTime(station, nonce);
      },
      countersign: (station, handed) => {
        if (late.secured === undefined) throw new Error("no source yet");
        return late.secured.countersign(station, handed);
      },
      ...(options.life === undefined ? {} : { life: options.life }),
    });
    const claim = options.claim === undefined ? "claim-for-a-test" : options.claim;
    if (claim !== null) {
      service.addClaim(claim, STATION);
      await writeFile(join(folder, "claim"), `${claim}\n`, { mode: 0o600 });
    }
    const cluster = await Cluster.open({
      ...options,
      folder: join(folder, "cluster"),
      security: { access: lines, source: { authority: authority.certificate, ...source } },
      station: {
        identity: {
          authorities: join(papers, "ca.crt"),
          enrolUrl: service.enrolUrl,
          timeUrl: service.timeUrl,
          claim: join(folder, "claim"),
        },
        ...options.station,
      },
    });
    late.cluster = cluster;
    late.secured = new SecuredCluster({ cluster, authority, service }, papers, access);
    return late.secured;
  }

  /** The broker learns what was revoked meanwhile; Mosquitto reads its list at a start. */
  async publishRevocations(): Promise<void> {
    await this.cluster.broker.stop();
    await brokerAccess(this.#folder, this.#access);
    await this.cluster.broker.restart();
  }

  async close(): Promise<void> {
    await this.cluster.close();
    await this.service.stop();
  }
}
