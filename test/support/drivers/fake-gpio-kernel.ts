/**
 * A kernel with GPIO chips, as seen through the character device's requests. It reads and writes the bytes at offsets of its own, taken from
 * the kernel's header and not from the driver, so that the two can disagree.
 */
import { constants } from "node:os";
import type { GpioKernel } from "../../../drivers/gpio/kernel.ts";

const { EBUSY, EINVAL, ENODEV, ENXIO } = constants.errno;
const FLAG = { activeLow: 2n, input: 4n, output: 8n, edges: 0x30n, bias: 0x700n };

export interface FakeLine {
  /** The voltage. */
  level: boolean;
  /** What another program or an earlier life left: `in`, `out`. */
  direction: "in" | "out";
  holder: string | null;
  activeLow: boolean;
  bias: bigint;
  /** Takes every order and does not move. */
  stuck: boolean;
}

interface Held {
  readonly chip: FakeChip;
  readonly offsets: readonly number[];
  readonly output: boolean;
  readonly edges: boolean;
  events: number;
}

export class FakeChip {
  readonly label: string;
  readonly lines: FakeLine[];
  /** Has no interrupts, as an expander without its wire. */
  deaf = false;

  constructor(label: string, lines: number) {
    this.label = label;
    this.lines = Array.from({ length: lines }, () => ({
      ...{ level: false, direction: "in" as const, holder: null, activeLow: false, bias: 0n, stuck: false },
    }));
  }
}

export class FakeGpioKernel implements GpioKernel {
  /** By path. */
  readonly present = new Map<string, FakeChip>();
  /** Each request that moved lines: which, and where to, as voltages. */
  readonly moves: (readonly (readonly [offset: number, level: boolean])[])[] = [];
  readonly #open = new Map<number, FakeChip | Held>();
  #next = 100;

  /** Descriptors that are not closed. */
  get descriptors(): number {
    return this.#open.size;
  }

  chips(): readonly string[] {
    return [...this.present.keys()];
  }

  open(path: string): number {
    const chip = this.present.get(path);
    if (chip === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return this.#number(chip);
  }

  close(fd: number): void {
    const one = this.#one(fd);
    if (!(one instanceof FakeChip)) for (const offset of one.offsets) this.#line(one, offset).holder = null;
    this.#open.delete(fd);
  }

  request(fd: number, request: number, given: Uint8Array): number {
    const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    const one = this.#one(fd);
    const chip = one instanceof FakeChip ? one : one.chip;
    if (![...this.present.values()].includes(chip)) return ENODEV;
    if (bytes.length !== ((request >>> 16) & 0x3fff)) throw new Error("the buffer is not as long as the request says");
    if (one instanceof FakeChip) {
      if (request === 0x8044b401) return this.#chipInfo(one, bytes);
      if (request === 0xc100b405) return this.#lineInfo(one, bytes);
      if (request === 0xc250b407) return this.#take(one, bytes);
    } else {
      if (request === 0xc010b40e) return this.#values(one, bytes);
      if (request === 0xc010b40f) return this.#set(one, bytes);
    }
    return EINVAL;
  }

  readable(fd: number): boolean {
    const one = this.#one(fd);
    return !(one instanceof FakeChip) && one.events > 0;
  }

  read(fd: number, into: Uint8Array): number {
    const one = this.#one(fd);
    if (one instanceof FakeChip || into.byteLength < 48) throw new Error("EINVAL: invalid argument, read");
    if (one.events === 0) throw new Error("would block, which the driver must never do");
    one.events -= 1;
    return 48;
  }

  /** A hand moves a line. */
  put(chip: FakeChip, offset: number, level: boolean): void {
    const line = chip.lines[offset] as FakeLine;
    if (line.level === level) return;
    line.level = level;
    for (const held of this.#open.values()) {
      const watches = !(held instanceof FakeChip) && held.edges && held.chip === chip && held.offsets.includes(offset);
      if (watches) (held as Held).events += 1;
    }
  }

  #chipInfo(chip: FakeChip, bytes: Buffer): number {
    bytes.write(chip.label, 32);
    bytes.writeUInt32LE(chip.lines.length, 64);
    return 0;
  }

  #lineInfo(chip: FakeChip, bytes: Buffer): number {
    const line = chip.lines[bytes.readUInt32LE(64)];
    if (line === undefined) return EINVAL;
    bytes.write(line.holder ?? "", 32);
    bytes.writeBigUInt64LE(line.holder === null ? 0n : 1n, 72);
    return 0;
  }

  #take(chip: FakeChip, bytes: Buffer): number {
    const count = bytes.readUInt32LE(560);
    const offsets = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(index * 4));
    const flags = offsets.map(() => bytes.readBigUInt64LE(288));
    let values = 0n;
    for (let index = 0; index < bytes.readUInt32LE(296); index++) {
      const at = 320 + index * 24;
      const [id, value, mask] = [bytes.readUInt32LE(at), bytes.readBigUInt64LE(at + 8), bytes.readBigUInt64LE(at + 16)];
      if (id === 1) for (const [line] of flags.entries()) if (mask & (1n << BigInt(line))) flags[line] = value;
      if (id === 2) values = value & mask;
    }
    const lines = offsets.map((offset) => chip.lines[offset]);
    if (lines.includes(undefined) || new Set(offsets).size !== count) return EINVAL;
    if (lines.some((line) => line?.holder !== null)) return EBUSY;
    const edges = flags.some((each) => (each & FLAG.edges) !== 0n);
    const output = flags.every((each) => (each & FLAG.output) !== 0n);
    if (edges && (output || chip.deaf)) return ENXIO;
    const end = bytes.indexOf(0, 256);
    for (const [index, line] of (lines as FakeLine[]).entries()) {
      line.holder = bytes.toString("utf8", 256, end);
      line.activeLow = ((flags[index] as bigint) & FLAG.activeLow) !== 0n;
      line.bias = (flags[index] as bigint) & FLAG.bias;
      line.direction = output ? "out" : "in";
    }
    const held: Held = { chip, offsets, output, edges, events: 0 };
    if (output) this.#move(held, values, (1n << BigInt(count)) - 1n);
    bytes.writeInt32LE(this.#number(held), 588);
    return 0;
  }

  #values(held: Held, bytes: Buffer): number {
    let bits = 0n;
    for (const [index, offset] of held.offsets.entries()) {
      const { level, activeLow } = this.#line(held, offset);
      if (level !== activeLow) bits |= 1n << BigInt(index);
    }
    bytes.writeBigUInt64LE(bits & bytes.readBigUInt64LE(8), 0);
    return 0;
  }

  #set(held: Held, bytes: Buffer): number {
    if (!held.output) return constants.errno.EPERM;
    this.#move(held, bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8));
    return 0;
  }

  #move(held: Held, bits: bigint, mask: bigint): void {
    const moved: [number, boolean][] = [];
    for (const [index, offset] of held.offsets.entries()) {
      const bit = 1n << BigInt(index);
      const line = this.#line(held, offset);
      if ((mask & bit) === 0n || line.stuck) continue;
      line.level = ((bits & bit) !== 0n) !== line.activeLow;
      moved.push([offset, line.level]);
    }
    this.moves.push(moved);
  }

  #line({ chip }: Held, offset: number): FakeLine {
    return chip.lines[offset] as FakeLine;
  }

  #number(one: FakeChip | Held): number {
    this.#next += 1;
    this.#open.set(this.#next, one);
    return this.#next;
  }

  #one(fd: number): FakeChip | Held {
    const one = this.#open.get(fd);
    if (one === undefined) throw new Error("EBADF: bad file descriptor");
    return one;
  }
}
