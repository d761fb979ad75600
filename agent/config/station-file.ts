/**
 * `station.yaml`: identity, pinned root, hardware and ceilings. Local only; nothing remote can change it.
 * Every mistake is reported at once, by path and in the technician's words.
 */
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { StationError } from "../../playback/model/station-error.ts";
import { quietHours } from "../contract/config.ts";
import { communeCode, durationMs, identifier, percent, provinceCode } from "../contract/primitives.ts";
import { hardware, withPaths } from "./hardware-file.ts";
import { path } from "./wiring.ts";
import { type Mistake, parseYaml } from "./yaml.ts";

const seconds = (fallback: number) => durationMs.default(fallback);

export const stationFile = z
  .strictObject({
    station: identifier,
    commune: communeCode,
    /** The part of the commune that this cluster serves; documents may be addressed to it. */
    hamlet: identifier.optional(),
    province: provinceCode,
    zone: z
      .string()
      .default("Asia/Ho_Chi_Minh")
      .refine((zone) => Intl.supportedValuesOf("timeZone").includes(zone) || zone === "Asia/Ho_Chi_Minh", {
        error: "must be an IANA time zone",
      }),
    /** The root keys pinned at installation. */
    root: path,
    state: path.default("/var/lib/loa"),
    socket: path.default("/run/loa/control.sock"),
    output: identifier.default("horn"),
    uplink: z
      .strictObject({
        brokers: z
          .array(z.url({ protocol: /^mqtts?$/ }))
          .max(4)
          .default([]),
        reconnect: z
          .strictObject({
            baseMs: seconds(2_000),
            capMs: seconds(120_000),
            /** First attempt after a loss, and what follows a connection, are spread over this long. */
            spreadMs: seconds(60_000),
            stableMs: seconds(60_000),
          })
          .prefault({}),
        /** Unacknowledged events are sent again after this. */
        resendAfterMs: seconds(60_000),
        /** Concerns are told as they change; this is for everything else. */
        healthEveryMs: seconds(900_000),
        /** What an outage may pile up; beyond it the least important events go first, and are counted. */
        outbox: z
          .strictObject({
            rows: z.int().min(10).default(100_000),
            bytes: z.int().min(10_000).default(50_000_000),
            ageMs: seconds(30 * 86_400_000),
          })
          .prefault({}),
      })
      .prefault({}),
    /** Who this station is to the province's services, and who they are to it. */
    identity: z
      .strictObject({
        /** Certificates of the authorities that issued broker and enrolment service, PEM; without it the public ones count. */
        authorities: path.optional(),
        /** Where a certificate is asked for; without it the station shows none. */
        enrolUrl: z
          .url({ protocol: /^https$/ })
          .max(2_000)
          .optional(),
        /** One-time claim of the commissioning bundle; the file is removed when it was used. */
        claim: path.optional(),
        /** Signed time over plain HTTP, asked while the clock cannot be trusted. */
        timeUrl: z
          .url({ protocol: /^http$/ })
          .max(2_000)
          .optional(),
      })
      .prefault({}),
    hardware,
    media: z
      .strictObject({
        /** What the cache may take of the disk, and what it leaves free whatever the quota says. */
        quotaBytes: z.int().min(10_000_000).default(8_000_000_000),
        reserveBytes: z.int().min(0).default(256_000_000),
        /** A whole scrub of the cache takes about this long. */
        scrubEveryMs: seconds(7 * 86_400_000),
        retryBaseMs: seconds(1_000),
        retryCapMs: seconds(300_000),
      })
      .prefault({}),
    limits: z
      .strictObject({
        volumeCeiling: percent.default(100),
        quietHours: z.array(quietHours).max(8).default([]),
        /** No slot sounds longer, and no more of them on a day, whatever a remote layer says. */
        sessionLengthMs: durationMs.min(1_000).optional(),
        sessionsPerDay: z.int().min(0).max(48).optional(),
        /** What `loa token` printed: muting and ending an alert on the spot then need the officer's token. */
        officerToken: z
          .string()
          .regex(/^scrypt:[A-Za-z0-9_-]{22}:[A-Za-z0-9_-]{43}$/)
          .optional(),
      })
      .prefault({}),
    /** A page that only shows how the station is, for a browser on this machine or through a tunnel; without it there is none. */
    statusPage: z.strictObject({ port: z.int().min(1_024).max(65_535) }).optional(),
    log: z
      .strictObject({
        level: z.enum(["debug", "info", "warn", "error"]).default("info"),
        /** Where lines also go, for machines without a system journal; two files of 2 MB at most. */
        file: path.optional(),
      })
      .prefault({}),
  })
  .superRefine(({ output, hardware }, context) => {
    const names = [output, ...hardware.furtherOutputs.map(({ name }) => name)];
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      context.addIssue({
        code: "custom",
        message: `another output is called '${name}' already`,
        path: ["hardware", "furtherOutputs", index - 1, "name"],
      });
    }
    for (const [index, { output: cutOff }] of hardware.contacts.entries()) {
      if (cutOff === undefined || names.includes(cutOff)) continue;
      const at = ["hardware", "contacts", index, "output"];
      context.addIssue({ code: "custom", message: `no output is called '${cutOff}': ${names.join(", ")}`, path: at });
    }
    // Documents name outputs and faces alike.
    for (const [index, { name }] of (hardware.board?.faces ?? []).entries()) {
      if (!names.includes(name)) continue;
      const at = ["hardware", "board", "faces", index, "name"];
      context.addIssue({ code: "custom", message: `an output is called '${name}' already`, path: at });
    }
  });
export type StationFile = z.infer<typeof stationFile>;

/** The file's meaning, or every mistake in it. Relative paths count from the file's own folder. */
export function parseStationFile(text: string, folder: string): StationFile | readonly Mistake[] {
  const read = parseYaml(text);
  if (!("value" in read)) return read;
  const parsed = stationFile.safeParse(read.value);
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => ({ path: issue.path.join(".") || "(root)", message: issue.message }));
  }
  const file = parsed.data;
  const absolute = (name: string) => (isAbsolute(name) ? name : resolve(folder, name));
  return {
    ...file,
    root: absolute(file.root),
    state: absolute(file.state),
    socket: absolute(file.socket),
    identity: {
      ...file.identity,
      ...(file.identity.authorities === undefined ? {} : { authorities: absolute(file.identity.authorities) }),
      ...(file.identity.claim === undefined ? {} : { claim: absolute(file.identity.claim) }),
    },
    log: { ...file.log, ...(file.log.file === undefined ? {} : { file: absolute(file.log.file) }) },
    hardware: withPaths(file.hardware, absolute),
  };
}

/** @throws StationError `config-invalid` with every mistake */
export async function readStationFile(name: string): Promise<StationFile> {
  let text: string;
  try {
    text = await readFile(name, "utf8");
  } catch (error) {
    throw new StationError("config-invalid", `${name} cannot be read`, { cause: error });
  }
  const parsed = parseStationFile(text, dirname(resolve(name)));
  if (!("length" in parsed)) return parsed;
  const lines = parsed.map((mistake) => `  ${mistake.path}: ${mistake.message}`);
  throw new StationError("config-invalid", `${name} has ${parsed.length} mistake(s):\n${lines.join("\n")}`);
}
