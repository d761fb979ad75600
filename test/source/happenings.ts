/** Waiting for something to become true without asking again and again: whoever changes something says so. */

interface Waiter {
  /** True where the waiter is done. */
  readonly check: () => boolean;
  readonly reject: (error: unknown) => void;
}

/** The waiting list. */
export class Happenings {
  readonly #waiters = new Set<Waiter>();
  #failure: unknown = null;

  /** To be called after every change. */
  happened(): void {
    for (const waiter of this.#waiters) if (waiter.check()) this.#waiters.delete(waiter);
  }

  /** Nothing will happen any more: all who wait now or later get this error. */
  fail(error: unknown): void {
    this.#failure ??= error;
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters.clear();
  }

  /** Resolves with the first answer that is neither `undefined`, `null` nor `false`. @throws after `timeoutMs`. */
  waitFor<T>(ask: () => T | undefined | null | false, timeoutMs: number, describe: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      const check = () => {
        try {
          const answer = ask();
          if (answer === undefined || answer === null || answer === false) return false;
          resolve(answer);
        } catch (error) {
          reject(error);
        }
        clearTimeout(timer);
        return true;
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`waited ${timeoutMs} ms in vain; ${describe()}`));
      }, timeoutMs);
      const waiter = {
        check,
        reject: (error: unknown) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      if (!check()) this.#waiters.add(waiter);
    });
  }
}
