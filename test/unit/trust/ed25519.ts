/**
 * Ed25519 in plain arithmetic (RFC 8032 §5.1), slow and not constant in time: to make the signatures that no library would make. It proves
 * itself on the RFC's own vectors before it is used for anything else.
 */
import { createHash } from "node:crypto";

const P = 2n ** 255n - 19n;
/** Order of the base point. */
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

const mod = (value: bigint, by = P) => ((value % by) + by) % by;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [square, left] = [mod(base), exponent]; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}
const inverse = (value: bigint) => power(value, P - 2n);

const D = mod(-121665n * inverse(121666n));
const ROOT = power(2n, (P - 1n) / 4n);

/** Affine coordinates, as points are compared and written. */
export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}
/** x = X / Z, y = Y / Z, T = X Y / Z: additions without a division. */
interface Extended {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

export const IDENTITY_POINT: Point = { x: 0n, y: 1n };

const extend = ({ x, y }: Point): Extended => ({ x, y, z: 1n, t: mod(x * y) });
function flatten({ x, y, z }: Extended): Point {
  const by = inverse(z);
  return { x: mod(x * by), y: mod(y * by) };
}

/** Source: RFC 8032 §5.1.4. */
function sum(p: Extended, q: Extended): Extended {
  const a = mod((p.y - p.x) * (q.y - q.x));
  const b = mod((p.y + p.x) * (q.y + q.x));
  const c = mod(2n * p.t * D * q.t);
  const d = mod(2n * p.z * q.z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
}

export function add(a: Point, b: Point): Point {
  return flatten(sum(extend(a), extend(b)));
}

export function times(scalar: bigint, point: Point): Point {
  let result = extend(IDENTITY_POINT);
  for (let [double, left] = [extend(point), scalar]; left > 0n; left >>= 1n) {
    if (left & 1n) result = sum(result, double);
    double = sum(double, double);
  }
  return flatten(result);
}

/** The point of this `y`, or `null` where none lies on the curve. */
export function pointOf(y: bigint, odd: boolean): Point | null {
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * ROOT);
  if (mod(x * x) !== square) return null;
  return { x: (x % 2n === 1n) === odd ? x : mod(-x), y: mod(y) };
}

export const BASE = pointOf(mod(4n * inverse(5n)), false) as Point;

/** Points whose order divides eight, the identity first. */
export function smallOrderPoints(): Point[] {
  const points = [IDENTITY_POINT];
  for (let y = 2n; points.length < 8; y++) {
    const point = pointOf(y, false);
    const small = point === null ? IDENTITY_POINT : times(ORDER, point);
    // Of order eight: its multiples are all of them.
    if (times(4n, small).y !== mod(-1n)) continue;
    for (let n = 1n; n < 8n; n++) points.push(times(n, small));
  }
  return points;
}

/** 32 bytes, little-endian; `y` may be above the field on purpose. */
export function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}
export function encodePoint({ x, y }: Point): Buffer {
  return bytesOf(y | ((x & 1n) << 255n));
}
const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const sha512 = (...parts: readonly Uint8Array[]) => createHash("sha512").update(Buffer.concat(parts)).digest();

/** The scalar, the prefix and the public point of a secret key. */
export function expand(secret: Uint8Array): { scalar: bigint; prefix: Buffer; publicPoint: Point } {
  const hash = sha512(secret);
  const low = hash.subarray(0, 32);
  low[0] = (low[0] ?? 0) & 248;
  low[31] = ((low[31] ?? 0) & 127) | 64;
  const scalar = numberOf(low);
  return { scalar, prefix: hash.subarray(32), publicPoint: times(scalar, BASE) };
}

/** H(R, A, M) as a scalar. */
export function challenge(r: Uint8Array, a: Uint8Array, message: Uint8Array): bigint {
  return numberOf(sha512(r, a, message)) % ORDER;
}

/** As a signer makes it; each part may be bent. */
export interface Bent {
  /** What stands for the public key in the challenge. */
  readonly publicBytes?: Uint8Array;
  /** The commitment's scalar. */
  readonly nonce?: bigint;
  /** Added to the commitment. */
  readonly torsion?: Point;
  /** How the commitment is written. */
  readonly write?: (point: Point) => Uint8Array;
  /** Added to the answer, a multiple of the order leaving it the same number. */
  readonly excess?: bigint;
}

export function signPlainly(secret: Uint8Array, message: Uint8Array, bent: Bent = {}): Buffer {
  const { scalar, prefix, publicPoint } = expand(secret);
  const { publicBytes = encodePoint(publicPoint), torsion = IDENTITY_POINT, write = encodePoint, excess = 0n } = bent;
  const nonce = bent.nonce ?? numberOf(sha512(prefix, message)) % ORDER;
  const r = write(add(times(nonce, BASE), torsion));
  const s = ((nonce + challenge(r, publicBytes, message) * scalar) % ORDER) + excess;
  return Buffer.concat([r, bytesOf(s)]);
}
