/**
 * What stored layers say: each passes the same door again as when it came, because what a revoked key signed, or a card spoilt, says nothing
 * any more. What does not pass is named, never just left out.
 */
import { z } from "zod";
import { isRefusal } from "../../playback/ports/media.ts";
import type { Admission } from "../admission/admission.ts";
import { type ConfigBody, configBody } from "../contract/config.ts";
import { parseStrictJson } from "../strict-json.ts";
import { type Layer, LOCAL } from "./generations.ts";

/** A layer and what it says. */
export interface ReadLayer extends Layer {
  readonly body: ConfigBody;
}

/** A stored layer that no longer passes the door. */
export interface LostLayer {
  readonly address: string;
  readonly seq: number;
  readonly sha256: string;
  readonly why: string;
}

export interface ReadLayers {
  /** The one that wins last. */
  readonly read: readonly ReadLayer[];
  readonly lost: readonly LostLayer[];
}

/** Reads layers; `chain` holds the station's addresses, broadest first. */
export async function readLayers(
  layers: readonly Layer[],
  admission: Pick<Admission, "readmit">,
  chain: readonly string[],
): Promise<ReadLayers> {
  const read: ReadLayer[] = [];
  const lost: LostLayer[] = [];
  for (const layer of layers) {
    const body = layer.address === LOCAL ? readLocal(layer) : await readSigned(layer, admission);
    if (typeof body !== "string") read.push({ ...layer, body });
    else lost.push({ address: layer.address, seq: layer.seq, sha256: layer.sha256, why: body });
  }
  const place = ({ address }: Layer) => (address === LOCAL ? chain.length : chain.indexOf(address));
  return { read: read.sort((a, b) => place(a) - place(b)), lost };
}

/** The body, or why there is none. */
function readLocal({ bytes }: Layer): ConfigBody | string {
  try {
    const body = configBody.safeParse(parseStrictJson(Buffer.from(bytes, "base64").toString("utf8")));
    return body.success ? body.data : z.prettifyError(body.error);
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

async function readSigned({ address, bytes }: Layer, admission: Pick<Admission, "readmit">) {
  const document = await admission.readmit({ kind: "config", address, detail: "" }, Buffer.from(bytes, "base64"));
  if (isRefusal(document)) return `${document.reason}, ${document.detail}`;
  return document.body.kind === "config" ? document.body.value : `it is a document of the kind ${document.body.kind}`;
}
