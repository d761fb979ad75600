/**
 * The structures and request numbers of the kernel's GPIO character device, version 2. Pure: bytes in, bytes out. The same on every architecture,
 * because all fields have fixed sizes and none straddles its alignment; the machine's byte order is little on all that Loa runs on.
 * Source: Linux include/uapi/linux/gpio.h (kernel 5.10 and newer), against which a test compiles a C program.
 */

/** `_IOR/_IOWR(0xB4, …)`. */
export const REQUESTS = {
  chipInfo: 0x8044b401,
  lineInfo: 0xc100b405,
  getLine: 0xc250b407,
  getValues: 0xc010b40e,
  setValues: 0xc010b40f,
} as const;

export const SIZES = { chipInfo: 68, lineInfo: 256, lineRequest: 592, lineValues: 16, lineEvent: 48 } as const;

export const FLAGS = {
  used: 1n << 0n,
  activeLow: 1n << 1n,
  input: 1n << 2n,
  output: 1n << 3n,
  edgeRising: 1n << 4n,
  edgeFalling: 1n << 5n,
  pullUp: 1n << 8n,
  pullDown: 1n << 9n,
  biasDisabled: 1n << 10n,
} as const;

/** Where the fields lie. */
export const AT = {
  chip: { label: 32, lines: 64 },
  info: { consumer: 32, offset: 64, flags: 72 },
  request: { consumer: 256, flags: 288, attrCount: 296, attrs: 320, lines: 560, eventBuffer: 564, fd: 588 },
  /** Within an attribute of a configuration. */
  attr: { id: 0, value: 8, mask: 16, size: 24 },
  values: { bits: 0, mask: 8 },
} as const;

const NAME_BYTES = 32;
const ATTR_FLAGS = 1;
const ATTR_OUTPUT_VALUES = 2;
/** Lines in one request. */
export const MOST_LINES = 8;
/** Edges that the kernel keeps for us; beyond, the oldest are dropped, which is no loss to who only asks whether there were any. */
const EVENT_BUFFER = 64;

export const BIASES = ["pull-up", "pull-down", "disabled"] as const;
export type Bias = (typeof BIASES)[number];
const BIAS_FLAGS: Readonly<Record<Bias, bigint>> = {
  "pull-up": FLAGS.pullUp,
  "pull-down": FLAGS.pullDown,
  disabled: FLAGS.biasDisabled,
};

/** One line of a request. */
export interface AskedLine {
  readonly offset: number;
  readonly activeLow: boolean;
  readonly bias?: Bias | undefined;
}

/** `levels`: logical, one a line, the kernel sets them in the moment in which it makes the lines outputs. `edges`: tells both. */
export type AskedAs = { readonly levels: readonly boolean[] } | { readonly edges: boolean };

/** A `gpio_v2_line_request`. @throws RangeError for no line, or more than an attribute each has room for */
export function lineRequest(consumer: string, lines: readonly AskedLine[], as: AskedAs): Buffer {
  if (lines.length === 0 || lines.length > MOST_LINES) throw new RangeError(`${lines.length} lines in one request`);
  const bytes = Buffer.alloc(SIZES.lineRequest);
  for (const [index, { offset }] of lines.entries()) bytes.writeUInt32LE(offset, index * 4);
  bytes.write(shortened(consumer), AT.request.consumer, "utf8");
  const flags = lines.map((line) => flagsOf(line, as));
  bytes.writeBigUInt64LE(flags[0] as bigint, AT.request.flags);
  const attrs: { id: number; value: bigint; mask: bigint }[] = [];
  // What differs from the first line is said as an attribute of those lines.
  for (const value of new Set(flags.slice(1).filter((each) => each !== flags[0]))) {
    attrs.push({ id: ATTR_FLAGS, value, mask: maskOf(flags.map((each) => each === value)) });
  }
  if ("levels" in as) {
    attrs.push({ id: ATTR_OUTPUT_VALUES, value: maskOf(as.levels), mask: maskOf(lines.map(() => true)) });
  }
  bytes.writeUInt32LE(attrs.length, AT.request.attrCount);
  for (const [index, { id, value, mask }] of attrs.entries()) {
    const at = AT.request.attrs + index * AT.attr.size;
    bytes.writeUInt32LE(id, at + AT.attr.id);
    bytes.writeBigUInt64LE(value, at + AT.attr.value);
    bytes.writeBigUInt64LE(mask, at + AT.attr.mask);
  }
  bytes.writeUInt32LE(lines.length, AT.request.lines);
  if ("edges" in as && as.edges) bytes.writeUInt32LE(EVENT_BUFFER, AT.request.eventBuffer);
  return bytes;
}

/** The descriptor that the kernel filled in. */
export const requestedFd = (bytes: Buffer): number => bytes.readInt32LE(AT.request.fd);

/** Bit n says something of the nth line of the request. */
export function maskOf(which: readonly boolean[]): bigint {
  return which.reduce((mask, on, index) => (on ? mask | (1n << BigInt(index)) : mask), 0n);
}

/** A `gpio_v2_line_values`; of lines outside the mask nothing is said or asked. */
export function lineValues(bits: bigint, mask: bigint): Buffer {
  const bytes = Buffer.alloc(SIZES.lineValues);
  bytes.writeBigUInt64LE(bits, AT.values.bits);
  bytes.writeBigUInt64LE(mask, AT.values.mask);
  return bytes;
}

/** The logical levels of the first `count` lines. */
export function levelsIn(bytes: Buffer, count: number): boolean[] {
  const bits = bytes.readBigUInt64LE(AT.values.bits);
  return Array.from({ length: count }, (_, index) => (bits & (1n << BigInt(index))) !== 0n);
}

export interface ChipInfo {
  readonly label: string;
  readonly lines: number;
}

export function chipInfo(bytes: Buffer): ChipInfo {
  return { label: text(bytes, AT.chip.label), lines: bytes.readUInt32LE(AT.chip.lines) };
}

/** A `gpio_v2_line_info` that asks about a line. */
export function lineQuestion(offset: number): Buffer {
  const bytes = Buffer.alloc(SIZES.lineInfo);
  bytes.writeUInt32LE(offset, AT.info.offset);
  return bytes;
}

/** Who holds a line; `null` where nobody does. */
export function holderOf(bytes: Buffer): string | null {
  const used = (bytes.readBigUInt64LE(AT.info.flags) & FLAGS.used) !== 0n;
  return used ? text(bytes, AT.info.consumer) || "the kernel" : null;
}

function flagsOf({ activeLow, bias }: AskedLine, as: AskedAs): bigint {
  const edges = "edges" in as && as.edges ? FLAGS.edgeRising | FLAGS.edgeFalling : 0n;
  const way = "levels" in as ? FLAGS.output : FLAGS.input | edges;
  return way | (activeLow ? FLAGS.activeLow : 0n) | (bias === undefined ? 0n : BIAS_FLAGS[bias]);
}

/** As much of a name as the kernel keeps, without half a letter at its end. */
function shortened(name: string): string {
  let kept = name;
  while (Buffer.byteLength(kept) >= NAME_BYTES) kept = [...kept].slice(0, -1).join("");
  return kept;
}

function text(bytes: Buffer, at: number): string {
  const field = bytes.subarray(at, at + NAME_BYTES);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? NAME_BYTES : end);
}
