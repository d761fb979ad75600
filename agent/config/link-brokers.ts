/**
 * Which brokers the link uses, and which it returns to when a trial fails; kept beside the generations, because a generation need not say it. One that
 * names nobody, or can no longer be read, takes no broker away: what takes its place comes over the link. A value; every change is another one.
 */
import { z } from "zod";
import type { Transaction } from "../../storage/database.ts";
import type { Notes } from "../../storage/notes.ts";
import { sameBrokers } from "./broker-change.ts";
import type { ReadLayer, ReadLayers } from "./read-layers.ts";

const NOTE = "config-brokers";
const named = z.array(z.string()).nullable();
const noted = z.object({ used: named, confirmed: named });
/** Those that a layer named; `null` for those of `station.yaml`, whatever stands there now. */
type Named = z.infer<typeof named>;
type Noted = z.infer<typeof noted>;

export class LinkBrokers {
  readonly #ofFile: readonly string[];
  readonly #names: Noted;

  private constructor(ofFile: readonly string[], names: Noted) {
    this.#ofFile = ofFile;
    this.#names = names;
  }

  /** As the last run left it; where nothing readable was left, those of the file. */
  static noted(notes: Pick<Notes, "get">, ofFile: readonly string[]): LinkBrokers {
    const stored = noted.safeParse(notes.get(NOTE));
    return new LinkBrokers(ofFile, stored.success ? stored.data : { used: null, confirmed: null });
  }

  /** Those that the link goes to now. */
  get used(): readonly string[] {
    return this.#urls(this.#names.used);
  }

  /** No path that could break: none is used, and none would be returned to. */
  get isNone(): boolean {
    return this.used.length === 0 && this.#urls(this.#names.confirmed).length === 0;
  }

  /** Whether these layers, or the file, name those that are used. */
  isNamedBy(layers: readonly ReadLayer[]): boolean {
    return sameBrokers(this.used, this.#urls(namedBy(layers)));
  }

  isSame(other: LinkBrokers): boolean {
    return JSON.stringify(this.#names) === JSON.stringify(other.#names);
  }

  /** After a start: by what can be read of the generations, and stands in the file, now. */
  takenUp(generations: { readonly confirmed: ReadLayers; readonly pending: ReadLayers | null }): LinkBrokers {
    const confirmed = this.#left(this.#names.confirmed, generations.confirmed);
    const used = generations.pending === null ? confirmed : this.#left(this.#names.used, generations.pending);
    return this.#with({ used, confirmed });
  }

  /** On trial over what these layers, or the file, name. Where they name nobody: where it was proven, else where it is; `mayEnd` for nowhere. */
  over(layers: readonly ReadLayer[], mayEnd: boolean): LinkBrokers {
    const { used, confirmed } = this.#names;
    const wanted = namedBy(layers);
    if (mayEnd || this.#urls(wanted).length > 0) return this.#with({ used: wanted, confirmed });
    return this.#with({ used: this.#urls(confirmed).length > 0 ? confirmed : used, confirmed });
  }

  /** The trial went well. */
  proven(): LinkBrokers {
    return this.#with({ used: this.#names.used, confirmed: this.#names.used });
  }

  /** The trial is over, back to what was proven before. */
  returned(): LinkBrokers {
    return this.#with({ used: this.#names.confirmed, confirmed: this.#names.confirmed });
  }

  /** @throws StationError `storage-failed` */
  note(tx: Transaction | null, notes: Pick<Notes, "set">): Promise<void> {
    return notes.set(tx, NOTE, this.#names);
  }

  #left(before: Named, { read, lost }: ReadLayers): Named {
    const wanted = namedBy(read);
    // What can no longer be read may be what named them.
    if (lost.length > 0) return before ?? wanted;
    // A file that has come to name some is a technician's word.
    return wanted ?? (this.#ofFile.length > 0 ? null : before);
  }

  #urls(names: Named): readonly string[] {
    return names ?? this.#ofFile;
  }

  #with(names: Noted): LinkBrokers {
    return new LinkBrokers(this.#ofFile, names);
  }
}

/** The layer that wins is the last. */
function namedBy(layers: readonly ReadLayer[]): Named {
  return layers.findLast(({ body }) => body.brokers !== undefined)?.body.brokers ?? null;
}
