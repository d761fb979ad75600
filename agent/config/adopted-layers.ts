/** What the adopted documents bring to the configuration. */
import type { Adopted } from "../adopted.ts";
import type { DocumentKind } from "../contract/envelope.ts";
import type { Layer } from "./generations.ts";

/** Names the documents of these kinds: the same name, and nothing has come or gone. */
export function nameOf(documents: readonly Adopted[], kinds: readonly DocumentKind[]): string {
  return documents
    .filter(({ key }) => kinds.includes(key.kind))
    .map(({ sha256 }) => sha256)
    .join();
}

/** The configuration documents, as layers. */
export function layersOf(documents: readonly Adopted[]): Layer[] {
  return documents
    .filter(({ key }) => key.kind === "config")
    .map(({ key, claims, sha256, bytes }) => ({
      address: key.address,
      seq: claims.seq,
      sha256,
      bytes: bytes.toString("base64"),
    }));
}
