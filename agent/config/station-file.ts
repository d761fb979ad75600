/**
 * `station.yaml`: identity, pinned root, hardware and ceilings. Local only; nothing remote can change it.
 * Every mistake is reported at once, by path and in the technician's words.
 */
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { StationError } from "../../playback/model/station-error.ts";
import { HORN_BAND } from "../../playback/sound/processing.ts";
import { CONTACT_PURPOSES } from "../contacts/contact-watch.ts";
import { quietHours } from "../contract/config.ts";
import { communeCode, durationMs, identifier, percent, provinceCode } from "../contract/primitives.ts";
import { type Mistake, parseYaml } from "./yaml.ts";

const path = z.string().min(1).max(500);

const gpioLine = z.strictObject({
  chip: z.string().min(1),
  offset: z.int().min(0).max(1023),
  activeLow: z.boolean().default(false),
});

const amplifier = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("gpio"),
    power: gpioLine,
    mute: gpioLine.optional(),
    fault: gpioLine.optional(),
    sense: gpioLine.optional(),
    sysfsRoot: path.optional(),
  }),
  z.strictObject({ kind: z.literal("simulated"), socket: path }),
  z.strictObject({ kind: z.literal("none") }),
]);

const contactBase = z.strictObject({
  name: identifier,
  does: z.enum(CONTACT_PURPOSES),
  /** It must be closed, or open, for so long without a break. */
  steadyMs: durationMs.min(50).max(10_000).default(300),
});
const contact = z.discriminatedUnion("kind", [
  contactBase.extend({ kind: z.literal("gpio"), line: gpioLine, sysfsRoot: path.optional() }),
  contactBase.extend({ kind: z.literal("simulated"), file: path }),
]);

const clock = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("system") }),
  /** For training and tests: the machine's time, with a trust that is declared instead of earned. */
  z.strictObject({ kind: z.literal("simulated"), trust: z.enum(["unknown", "floor", "held"]) }),
]);

const seconds = (fallback: number) => durationMs.default(fallback);

const sound = z
  .strictObject({
    /** Label of the output as the system lists it; without it the default. */
    device: z.string().optional(),
    /** Which channel of the card this is, and how many the card is opened with; several outputs may share one card. */
    channel: z.int().min(1).max(32).default(1),
    channels: z.int().min(1).max(32).optional(),
    /** How much the card may queue: a word of Web Audio, or seconds. Less is sooner heard and sooner broken by a busy board. */
    latencyHint: z
      .union([z.enum(["playback", "balanced", "interactive"]), z.number().min(0).max(5)])
      .default("playback"),
    latencyCorrectionMs: z.number().min(-500).max(2_000).default(0),
    /** Heard later than the instant, on purpose: against the way that sound itself takes between horns. */
    delayMs: durationMs.max(2_000).default(0),
    /** Scheduled starts are put off by this much, so that neighbouring horns do not talk over each other. */
    staggerMs: durationMs.max(60_000).default(0),
    /** What of the spectrum is let out: a horn breaks on what lies below. `off` for a line or a loudspeaker that takes all of it. */
    band: z
      .union([
        z.literal("off"),
        z.strictObject({
          lowHz: z.number().min(20).max(1_000).default(HORN_BAND.lowHz),
          highHz: z.number().min(2_000).max(20_000).default(HORN_BAND.highHz),
        }),
      ])
      .prefault({}),
    /** For a line or an exciter that takes less than full scale. */
    gainDb: z.number().min(-60).max(0).default(0),
  })
  .refine(({ channel, channels }) => channels === undefined || channel <= channels, {
    error: "the card has fewer channels than that",
    path: ["channel"],
  })
  .prefault({});

const amplifierTimes = z
  .strictObject({
    settleMs: seconds(800),
    guardMs: seconds(120),
    tailMs: seconds(150),
    holdMs: seconds(20_000),
    minimumOffMs: seconds(4_000),
  })
  .prefault({});

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
    hardware: z
      .strictObject({
        sound,
        amplifier: amplifier.default({ kind: "none" }),
        amplifierTimes,
        /** Zones beside the first, each with a card (or a channel of one), an amplifier and a programme of its own. */
        furtherOutputs: z
          .array(
            z.strictObject({ name: identifier, sound, amplifier: amplifier.default({ kind: "none" }), amplifierTimes }),
          )
          .max(7)
          .default([]),
        /** Keys and buttons. A `mute` contact mutes while it is closed, a `local-alert` one alerts while it is; a stop is a push. */
        contacts: z.array(contact).max(8).default([]),
        /** Where somebody on the spot may speak; a signed configuration must allow it too (`policy.page`). Without it nobody can. */
        microphone: z
          .strictObject({
            /** Label of the input as the sound library lists it; without it the default. */
            device: z.string().max(200).optional(),
          })
          .optional(),
        clock: clock.default({ kind: "system" }),
        /** A microphone within hearing of the horns, for `loa test speaker`. */
        ear: z
          .strictObject({ kind: z.enum(["alsa", "pulse"]).default("alsa"), device: z.string().min(1).max(200) })
          .optional(),
        /** What the board knows of its battery; without one it is fed by the mains. */
        battery: z
          .strictObject({
            /** Folder of the kernel's power supplies. */
            path: path.default("/sys/class/power_supply"),
            capacityWh: z.number().positive().max(100_000),
            idleW: z.number().positive().max(10_000),
            playingW: z.number().positive().max(10_000),
          })
          .optional(),
      })
      .prefault({}),
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
    log: z.strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("info") }).prefault({}),
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
  });
export type StationFile = z.infer<typeof stationFile>;

/** One zone as it is wired. */
export type OutputFile = Pick<StationFile["hardware"], "sound" | "amplifier" | "amplifierTimes"> & {
  readonly name: string;
};

/** The outputs of this cluster, the first one first. */
export function outputsOf({ output, hardware }: StationFile): readonly [OutputFile, ...OutputFile[]] {
  const { sound, amplifier, amplifierTimes, furtherOutputs } = hardware;
  return [{ name: output, sound, amplifier, amplifierTimes }, ...furtherOutputs];
}

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
  const withPaths = (amp: OutputFile["amplifier"]) =>
    amp.kind === "simulated" ? { ...amp, socket: absolute(amp.socket) } : amp;
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
    hardware: {
      ...file.hardware,
      amplifier: withPaths(file.hardware.amplifier),
      contacts: file.hardware.contacts.map((one) =>
        one.kind === "simulated" ? { ...one, file: absolute(one.file) } : one,
      ),
      furtherOutputs: file.hardware.furtherOutputs.map((one) => ({ ...one, amplifier: withPaths(one.amplifier) })),
    },
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
