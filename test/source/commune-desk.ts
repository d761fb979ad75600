/**
 * The commune's desk in the provincial system: what the commune's officer decides for his own loudspeakers, signed with the commune's own keys.
 * A commune can neither command another one nor sign what its scope does not hold; the station checks that, not this desk.
 */
import type { Address } from "../../agent/contract/primitives.ts";
import type { Health } from "../../agent/contract/uplink.ts";
import type { ExtraDelegation } from "./ceremony.ts";
import type { BodyInput } from "./envelope.ts";
import type { Published } from "./publisher.ts";
import type { ProvincialSource } from "./source.ts";

type Schedule = BodyInput<"schedule">;

export interface CommuneLimits {
  readonly longestMs?: number;
  readonly loudest?: number;
  readonly hours?: readonly { from: string; to: string }[];
}

export interface Hearing {
  readonly station: string;
  /** `lost`: the cluster itself is not there. `not yet`: it has not said that it plays the source. Else how the source stands there. */
  readonly state: "lost" | "not yet" | NonNullable<Health["live"]>["state"];
  readonly delayMs: number | null;
}

const nameOf = (commune: string) => `commune-${commune}`;

/** The delegations that root gives a commune: its content, its schedule, its settings, its commands, and nothing beyond its border. */
export function communeDelegations(commune: string, limits: CommuneLimits = {}): ExtraDelegation[] {
  const scope = {
    addresses: [`commune/${commune}` as const],
    levels: ["commune" as const],
    classes: ["normal" as const, "priority" as const],
    commands: ["announce", "stop", "live-start", "live-stop", "mute", "volume", "report"],
    ...(limits.longestMs === undefined ? {} : { longestMs: limits.longestMs }),
    ...(limits.loudest === undefined ? {} : { loudest: limits.loudest }),
    ...(limits.hours === undefined ? {} : { hours: [...limits.hours] }),
  };
  return (["content", "schedule", "config", "command"] as const).map((role) => ({
    role,
    issuer: nameOf(commune),
    scope,
  }));
}

export class CommuneDesk {
  readonly #source: ProvincialSource;
  readonly #commune: string;
  readonly #address: Address;
  #programmes: Schedule["programmes"] = [];
  #order: Schedule["order"] = [];

  constructor(source: ProvincialSource, commune: string) {
    this.#source = source;
    this.#commune = commune;
    this.#address = `commune/${commune}`;
  }

  /** Approves what was recorded in the commune. */
  approve(media: BodyInput<"content">["media"]): Promise<Published> {
    return this.#publish("content", { level: "commune", media });
  }

  /** The commune's own programmes, instead of those before. */
  programme(programmes: Schedule["programmes"]): Promise<Published> {
    this.#programmes = programmes;
    return this.#schedule();
  }

  /** What comes first where programmes of whatever level meet; earlier in the list, earlier on the air. */
  order(order: Schedule["order"]): Promise<Published> {
    this.#order = order;
    return this.#schedule();
  }

  /** Hours in which the commune wants nothing but emergencies; all of them, not in addition. */
  muteHours(quietHours: readonly { from: string; to: string }[]): Promise<Published> {
    return this.#publish("config", { policy: { quietHours: [...quietHours] } });
  }

  /** Mourning, a festival, an exam: classes silenced or replaced on dates. */
  suspend(periods: BodyInput<"suspension">["periods"]): Promise<Published> {
    return this.#publish("suspension", { periods });
  }

  /** Names the sources that may be heard live in the commune; all of them, not in addition. */
  pin(live: BodyInput<"content">["live"]): Promise<Published> {
    return this.#publish("content", { level: "commune", live });
  }

  /**
   * Lets a live source be heard in these hamlets, or in the whole commune where none is named. One grant a hamlet; each grant is named by
   * the `jti` of what was published.
   */
  speak(
    grant: Omit<Extract<BodyInput<"command">, { name: "live-start" }>, "name">,
    hamlets: readonly string[] = [],
  ): Promise<Published[]> {
    const addresses: Address[] =
      hamlets.length === 0 ? [this.#address] : hamlets.map((hamlet) => `hamlet/${this.#commune}-${hamlet}` as const);
    return Promise.all(addresses.map((address) => this.#command(address, { name: "live-start", ...grant })));
  }

  /** Ends a grant before its time, wherever it was given. */
  stopSpeaking(grants: readonly Published[]): Promise<Published[]> {
    return Promise.all(
      grants.map(({ claims }) => this.#command(claims.aud[0] as Address, { name: "live-stop", grant: claims.jti })),
    );
  }

  /** What the speaker is shown while he speaks: who of these clusters hears the source, how late, and who is lost. */
  hearing(stations: readonly string[], source: string): Hearing[] {
    return stations.map((station) => {
      if (this.#source.presence(station) !== "online") return { station, state: "lost", delayMs: null };
      const last = this.#source.health(station).at(-1);
      const lives = [last, ...(last?.furtherOutputs ?? [])].flatMap((output) => output?.live ?? []);
      const live = lives.find((one) => one.source === source);
      return { station, state: live?.state ?? "not yet", delayMs: live?.delayMs ?? null };
    });
  }

  /** Plays approved media now. */
  announce(announcement: Omit<Extract<BodyInput<"command">, { name: "announce" }>, "name">): Promise<Published> {
    return this.#command(this.#address, { name: "announce", ...announcement });
  }

  #schedule(): Promise<Published> {
    return this.#publish("schedule", { level: "commune", programmes: this.#programmes, order: this.#order });
  }

  #publish<K extends "content" | "schedule" | "config" | "suspension">(
    kind: K,
    body: BodyInput<K>,
  ): Promise<Published> {
    return this.#source.publish(kind, body, { address: this.#address, issuer: nameOf(this.#commune) });
  }

  #command(address: Address, body: BodyInput<"command">): Promise<Published> {
    return this.#source.command(address, body, { issuer: nameOf(this.#commune) });
  }
}
