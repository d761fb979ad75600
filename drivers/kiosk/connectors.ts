/**
 * Connectors for screens as the kernel tells them below `/sys/class/drm`. A connector can be painted on only when a screen is attached and its
 * modes are known: one without modes (no EDID yet) leaves a compositor without any output, for good.
 * Source: Linux, Documentation/ABI/testing/sysfs-class-drm (`status`, `modes`, `enabled`).
 */
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Size } from "../../playback/model/board.ts";

export interface Connector {
  /** As the kernel names it, without its card: `HDMI-A-1`. */
  readonly name: string;
  readonly connected: boolean;
  /** The preferred one first; each size once. */
  readonly modes: readonly Size[];
}

export const DRM_ROOT = "/sys/class/drm";
/** No list of modes is longer; a file that is has something else in it. */
const LONGEST = 16_384;

/** Every connector, in the order of their names. Never rejects: what cannot be read is not connected. */
export async function readConnectors(root: string): Promise<readonly Connector[]> {
  const names = await readdir(root).catch(() => []);
  const connectors = names.sort().flatMap((folder) => {
    const name = /^card\d+-(.+)$/.exec(folder)?.[1];
    return name === undefined || name.startsWith("Writeback") ? [] : [read(join(root, folder), name)];
  });
  return Promise.all(connectors);
}

/** The one that is meant, where it can be painted on; without a name the first that can. */
export function bindable(connectors: readonly Connector[], name: string | null): Connector | null {
  const fits = (one: Connector) => one.connected && one.modes.length > 0 && (name === null || one.name === name);
  return connectors.find(fits) ?? null;
}

async function read(folder: string, name: string): Promise<Connector> {
  const [status, modes] = await Promise.all([text(join(folder, "status")), text(join(folder, "modes"))]);
  const sizes = modes.split("\n").flatMap((line) => {
    const [, width, height] = /^(\d{2,5})x(\d{2,5})i?$/.exec(line.trim()) ?? [];
    return width === undefined || height === undefined ? [] : [{ width: Number(width), height: Number(height) }];
  });
  const first = (one: Size, at: number) =>
    sizes.findIndex(({ width, height }) => width === one.width && height === one.height) === at;
  return { name, connected: status.trim() === "connected", modes: sizes.filter(first) };
}

async function text(file: string): Promise<string> {
  try {
    const handle = await open(file, "r");
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST), 0, LONGEST, 0).finally(() => handle.close());
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    // Gone while it was read, or never there: nothing is attached to it.
    return "";
  }
}
