/** Which sample of a source stands on which sample of the audio clock, where the two do not run alike. */
import type { Samples } from "./units.ts";

interface Piece {
  readonly at: Samples;
  length: Samples;
  readonly from: number;
  readonly to: number;
}

export class Placement {
  /** In order, without overlap. */
  #pieces: Piece[] = [];

  /** The source from `from` to `to` is heard on `length` samples of the audio clock from `at` on. */
  add(at: Samples, length: Samples, from: number, to: number): void {
    this.#pieces.push({ at, length, from, to });
  }

  /** Position in the source that is heard with an audio sample; stands still between pieces and after the last. */
  positionAt(sample: Samples): number {
    const piece = this.#pieces.findLast(({ at }) => at <= sample);
    if (piece === undefined) return this.#pieces[0]?.from ?? 0;
    const share = piece.length === 0 ? 1 : Math.min(1, (sample - piece.at) / piece.length);
    return piece.from + (piece.to - piece.from) * share;
  }

  /** Nothing stands from this sample on; gives the position that stood there. */
  cut(at: Samples): number {
    const position = this.positionAt(at);
    this.#pieces = this.#pieces.flatMap((piece) => {
      if (piece.at >= at) return [];
      return piece.at + piece.length <= at ? [piece] : [{ ...piece, length: at - piece.at, to: position }];
    });
    return position;
  }

  /** What ends before this sample is not asked for again; the last piece stays. */
  forget(before: Samples): void {
    while (
      this.#pieces.length > 1 &&
      this.#pieces[0] !== undefined &&
      this.#pieces[0].at + this.#pieces[0].length < before
    )
      this.#pieces.shift();
  }
}
