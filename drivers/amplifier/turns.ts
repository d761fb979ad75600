/** Work done strictly one piece after the other, so that a drive and its reading back are never interleaved with another. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` after everything given before it, whether that failed or not. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    // The failure is the caller's, through `result`; the next piece goes on.
    this.#last = result.catch(() => undefined);
    return result;
  }
}
