/** What came from the server. It is our own, behind a token; this only keeps a half message from stopping the page. */
import type { ToPage } from "../protocol.ts";

/** `null` for what is none of its words. */
export function parseToPage(data: unknown): ToPage | null {
  const value = typeof data === "string" ? parseJson(data) : null;
  if (typeof value !== "object" || value === null || !("kind" in value) || !("now" in value)) return null;
  if (typeof value.now !== "number") return null;
  if (value.kind === "time") return { kind: "time", now: value.now };
  const scene = value.kind === "scene" && "scene" in value ? value.scene : null;
  if (typeof scene !== "object" || scene === null) return null;
  const whole = "revision" in scene && "faces" in scene && Array.isArray(scene.faces) && "zone" in scene;
  return whole ? (value as ToPage) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
