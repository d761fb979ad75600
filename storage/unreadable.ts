/**
 * Stored values that are no JSON any more: a dying card turns bits inside a page whose structure stays whole, and SQLite's own check finds
 * nothing. One of them must not keep a station from starting: it counts as absent, stays where it is, and is named here for whoever watches
 * over the disk, until it is written anew or gone.
 */
export class Unreadable {
  readonly #names = new Set<string>();

  /** Each once: `note mute`, `open slot a`. */
  get names(): readonly string[] {
    return [...this.#names];
  }

  /** The value that the text says; `undefined` where it says none. */
  read(name: string, text: string): unknown {
    const value = parsed(text);
    if (value === undefined) this.#names.add(name);
    return value;
  }

  /** It was written anew, or is gone. */
  forget(name: string): void {
    this.#names.delete(name);
  }
}

/** The value of a JSON text; `undefined` where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
