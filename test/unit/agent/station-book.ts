/** The book of configurations of one station, over a real door and a real store; what surrounds it is the test's to say. */
import { ConfigBook } from "../../../agent/config/config-book.ts";
import { SECOND } from "../../../playback/model/units.ts";
import { Door } from "../trust/door.ts";

export class StationBook {
  readonly door: Door;
  /** Those of `station.yaml`. */
  file: string[] = [];
  /** Why a broker cannot be reached. */
  unreachable: (url: string) => Promise<string | null> = () => Promise.resolve(null);
  bootId = "boot";
  /** What the disk refused and the station goes on without. */
  readonly unwritten: string[] = [];
  /** How often other layers came into force. */
  changes = 0;

  private constructor(door: Door) {
    this.door = door;
  }

  static async before(): Promise<StationBook> {
    return new StationBook(await Door.open());
  }

  /** As a start of the agent takes it up. */
  open(): Promise<ConfigBook> {
    const { store, clock, admission } = this.door;
    return ConfigBook.open({
      ...{ store, clock, admission, brokersOfFile: this.file },
      chain: ["all", "province/01", "commune/00004", "station/xa-00004-cum-01"],
      bootTime: () => Promise.resolve({ bootId: this.bootId, boottimeMs: clock.monotonic() }),
      unreachable: (url) => this.unreachable(url),
      connected: () => true,
      onChange: () => {
        this.changes += 1;
      },
      onUnwritten: (what) => this.unwritten.push(what),
    });
  }

  /** After a power cut: only what is on the disk is left. */
  async restart(): Promise<ConfigBook> {
    await this.door.restart();
    return this.open();
  }

  /** The province's configuration no. `seq` has come, later than what the source has answered so far. */
  async come(book: ConfigBook, seq: number, body: object): Promise<void> {
    await this.door.clock.advance(SECOND);
    await this.door.adopt("config", body, { seq });
    await book.consider();
  }

  /** The key that signs configurations is revoked, later than what the source has answered so far. */
  async revoke(): Promise<void> {
    await this.door.clock.advance(SECOND);
    const left = this.door.ceremony.holders.filter(({ role }) => role !== "config");
    await this.door.adopt("trust", this.door.ceremony.trustBody(left), { address: "all", seq: 2 });
  }
}

export const volumes = (book: ConfigBook) => book.layers.map(({ body }) => body.policy.volume);
