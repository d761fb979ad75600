/** Lines taken together from the kernel, whichever way it gives them. Levels are logical: true is active. */
import type { Bias } from "./uapi.ts";

/** One line, as a technician writes it. */
export interface GpioLineConfig {
  /** Label of the chip, as `gpiodetect` and `/sys/class/gpio/gpiochip*` + `/label` say it. */
  readonly chip: string;
  /** Line within the chip, from 0. */
  readonly offset: number;
  /** True where a low level means on. */
  readonly activeLow: boolean;
  /** The chip's own resistor; without it as it is. Only the character device can set it. */
  readonly bias?: Bias | undefined;
}

/** A line, by its place in what was taken, and where it is to go. */
export interface Move {
  readonly line: number;
  readonly level: boolean;
}

export interface HeldLines {
  /** In the order in which they were taken. @throws StationError `amplifier-unreachable`, `amplifier-disobeys` where one is no longer ours */
  read(): Promise<readonly boolean[]>;
  /**
   * Moves lines and reads them back: in this order, or at once where the kernel can. @throws StationError `amplifier-unreachable`,
   * `amplifier-disobeys`
   */
  write(moves: readonly Move[]): Promise<void>;
  /** Whether any moved since this was last asked, also to and fro; `null` where the lines do not tell. */
  moved(): boolean | null;
  /** Lets go without moving any. Idempotent. */
  close(): void;
}
