/** Tells the province how the station is: now and then, and at once when what is wrong with it changes. A modem's data costs money. */
import type { HostReport } from "../../drivers/host/host-facts.ts";
import type { LiveStatus } from "../../playback/live/live-play.ts";
import type { Millis, Monotonic } from "../../playback/model/units.ts";
import { titleOf } from "../board/faces-view.ts";
import { uplinkTopic } from "../contract/topics.ts";
import type { Output } from "../outputs/output.ts";
import type { Parts } from "../station.ts";

/** Changes that come faster than this are told together. */
const SOONEST: Millis = 10_000;

export class HealthReport {
  readonly #parts: Parts;
  #sentAt: Monotonic = Number.NEGATIVE_INFINITY;
  #told = "";
  #asked = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Sends at the next tick, whatever the interval. */
  ask(): void {
    this.#asked = true;
  }

  /** Sends where it is due. Call it every second. @throws StationError `storage-failed` */
  async tick(host: HostReport | null): Promise<void> {
    const { clock, config, file, link, concerns } = this.#parts;
    if (!link.connected) return;
    const configured = config.layers.findLast(({ body }) => body.healthEveryMs !== undefined)?.body.healthEveryMs;
    const every = configured ?? file.uplink.healthEveryMs;
    const since = clock.monotonic() - this.#sentAt;
    const codes = concerns.raised(clock.monotonic()).map(({ code }) => code);
    const told = [...codes, ...this.#liveStates()].join();
    const changed = told !== this.#told && since >= Math.min(SOONEST, every);
    if (!this.#asked && since < every && !changed) return;
    this.#asked = false;
    this.#sentAt = clock.monotonic();
    this.#told = told;
    const health = JSON.stringify(await this.#health(host));
    await link.publish(uplinkTopic(file.station, "health"), health, { qos: 0, retain: false });
  }

  /** Who speaks at the desk wants to know at once who hears him. */
  #liveStates(): string[] {
    return this.#parts.outputs.flatMap(({ name, conductor }) => {
      const live = conductor.onAir()?.now?.live;
      return live === undefined ? [] : [`${name} ${live.source} ${live.state}`];
    });
  }

  #health(host: HostReport | null) {
    const { reporter, outputs, media, concerns, clock, config, power } = this.#parts;
    const [first, ...further] = outputs;
    const quality = clock.quality();
    const status = media.status();
    const present = status.filter((one) => one.state === "present").length;
    return reporter.health({
      ...outputHealth(first),
      ...(further.length === 0
        ? {}
        : { furtherOutputs: further.map((one) => ({ name: one.name, ...outputHealth(one) })) }),
      ...(quality === null ? {} : { clockQuality: quality }),
      ...facesHealth(this.#parts),
      media: { present, missing: status.length - present },
      config: config.summary(),
      ...(power.reading === null ? {} : { power: power.reading }),
      host: { ...host },
      concerns: concerns.raised(clock.monotonic()).map((one) => ({ ...one, since: new Date(one.since).toISOString() })),
    });
  }
}

function facesHealth({ faces }: Pick<Parts, "faces">) {
  if (faces === null) return {};
  const kiosk = faces.kiosk?.state.phase;
  return {
    ...(kiosk === undefined ? {} : { kiosk }),
    faces: faces.states.map(({ face, showing, light, unconfirmedSince, lastLook }) => ({
      ...{ name: face.name, showing: showing.kind, title: titleOf(showing).slice(0, 1_000) },
      ...{ confirmed: unconfirmedSince === null, percent: light.lit ? light.percent : 0 },
      ...{ controller: faces.controllerOf(face.name)?.condition ?? null, look: lastLook?.verdict ?? null },
    })),
  };
}

function outputHealth({ sound, conductor }: Output) {
  const { state, latencyMs, driftPpm, stalls, breaks, following } = sound.state();
  const { last, ...counts } = following;
  const lastAt = last === null ? null : new Date(last.at).toISOString();
  const onAir = conductor.onAir() ?? conductor.over();
  const live = onAir?.now?.live;
  return {
    sound: {
      ...{ state, latencyMs, driftPpm, stalls, breaks },
      following: { ...counts, lastMs: last?.ms ?? null, lastAt },
    },
    amplifier: { phase: conductor.amplifier.phase, ...conductor.amplifier.reading },
    onAir: onAir?.candidate.header.key ?? null,
    ...(live === undefined ? {} : { live: liveHealth(live, latencyMs) }),
  };
}

function liveHealth({ source, state, heldMs }: LiveStatus, latencyMs: Millis) {
  return { source, state, delayMs: state === "playing" ? Math.round(heldMs + latencyMs) : null };
}
