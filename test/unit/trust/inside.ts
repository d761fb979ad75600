/** What stands behind a station's connection, as `compose` joins it: downlink, door, commands and the facts that deciding gets. */
import { Downlink } from "../../../agent/downlink.ts";
import { FactBoard } from "../../../agent/fact-board.ts";
import { addressesOf } from "../../../agent/identity.ts";
import { CommandBench } from "./command-bench.ts";
import { type Door, IDENTITY, type Letter } from "./door.ts";

/** The topic's name as the broker sends it. */
export function topicOf({ topic }: Letter): string {
  return `loa/v1/${topic.address}/${topic.kind}${topic.detail === "" ? "" : `/${topic.detail}`}`;
}

export class Inside {
  readonly bench: CommandBench;
  readonly refusals: string[] = [];
  /** Of the last birth. */
  nonce: string | null = null;
  /** Milliseconds since that birth. */
  nonceAge = 0;
  board!: FactBoard;
  downlink!: Downlink;

  private constructor(bench: CommandBench) {
    this.bench = bench;
  }

  static async open(...options: Parameters<typeof CommandBench.open>): Promise<Inside> {
    const inside = new Inside(await CommandBench.open(...options));
    inside.#connect();
    return inside;
  }

  get door(): Door {
    return this.bench.door;
  }

  async restart(): Promise<void> {
    await this.bench.restart();
    this.#connect();
  }

  send(letter: Letter, topic = topicOf(letter)): Promise<void> {
    return this.downlink.receive(topic, letter.bytes, "link");
  }

  /** Identifiers of the programmes that may sound. */
  programmes(): string[] {
    return this.board.facts.programmes.map(({ id }) => id).sort();
  }

  /** Identifiers of the alerts that stand. */
  alerts(): string[] {
    return this.board.facts.emergencies
      .filter(({ ended }) => ended === null)
      .map(({ emergency }) => emergency.identifier);
  }

  #connect(): void {
    const { admission, store, clock } = this.door;
    this.board = new FactBoard({
      admission,
      store,
      clock,
      chain: addressesOf(IDENTITY),
      zone: IDENTITY.zone,
      outputs: ["horn"],
      limits: { volumeCeiling: 100, quietHours: [] },
      configuration: () => [],
      onChange: () => undefined,
    });
    this.downlink = new Downlink({
      admission,
      commands: this.bench.commands,
      clock: Object.assign(clock, { attest: () => Promise.resolve() }),
      station: IDENTITY.station,
      nonce: () => (this.nonce === null ? null : { value: this.nonce, sentAt: clock.monotonic() - this.nonceAge }),
      onAlert: () => this.board.rebuild(),
      onAdopted: () => this.board.rebuild(),
      onTorn: () => this.board.rebuild(),
      onSourceHeard: () => Promise.resolve(),
      onAck: () => Promise.resolve(),
      onRefused: (_topic, reason) => {
        this.refusals.push(reason);
        // A flood is counted by others.
        if (this.refusals.length > 1_000) this.refusals.splice(0, 500);
      },
    });
  }
}
