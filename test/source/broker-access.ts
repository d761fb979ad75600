/** The configuration a province gives its Mosquitto: who may connect is who holds a certificate, and each station reads and writes only its own. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addressesOf, type Identity } from "../../agent/identity.ts";
import { replaceFile } from "../../storage/durable-file.ts";
import type { Authority } from "./authority.ts";

export interface AccessOptions {
  readonly authority: Authority;
  /** Names of the server's certificate. */
  readonly server: { readonly key: string; readonly certificate: string };
  /** Common name of the source's own certificate: it may do everything below `loa/v1`. */
  readonly source: string;
  readonly stations: readonly Omit<Identity, "zone">[];
}

/** Access rules of one station: its addresses downwards, and nothing but its own reports upwards. */
function rulesOf(station: Omit<Identity, "zone">): string[] {
  return [
    `user ${station.station}`,
    ...addressesOf({ ...station, zone: "" }).flatMap((address) =>
      [
        "root/+",
        "trust",
        "config",
        "content/+",
        "schedule/+",
        "suspension",
        "emergency/+",
        "command",
        "release",
        "time",
        "ack",
      ].map((kind) => `topic read loa/v1/${address}/${kind}`),
    ),
    `topic write loa/v1/station/${station.station}/up/#`,
    "",
  ];
}

/** Writes authority, key, certificate, revocation list and access list into `folder` and gives the lines for mosquitto.conf, after its `listener`. */
export async function brokerAccess(folder: string, options: AccessOptions): Promise<string[]> {
  const file = (name: string) => join(folder, name);
  const { authority, server, source, stations } = options;
  await Promise.all([
    writeFile(file("ca.crt"), authority.certificate),
    writeFile(file("server.crt"), server.certificate),
    replaceFile(file("server.key"), server.key),
    writeFile(file("revoked.crl"), await authority.revocationList()),
    writeFile(
      file("access"),
      [
        "# Nobody without a certificate, nothing beyond these lines.",
        `user ${source}`,
        "topic readwrite loa/v1/#",
        "",
        ...stations.flatMap(rulesOf),
      ].join("\n"),
      // Mosquitto 2 refuses an access list that others may read.
      { mode: 0o600 },
    ),
  ]);
  return [
    "per_listener_settings false",
    "allow_anonymous false",
    "require_certificate true",
    "use_identity_as_username true",
    "use_username_as_clientid true",
    `cafile ${file("ca.crt")}`,
    `certfile ${file("server.crt")}`,
    `keyfile ${file("server.key")}`,
    `crlfile ${file("revoked.crl")}`,
    `acl_file ${file("access")}`,
    // A packet above the contract's largest document is somebody's attack.
    "max_packet_size 300000",
    "tls_version tlsv1.2",
  ];
}
