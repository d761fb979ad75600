/** Commands that put something where their address says: the journal after a record, the report of a month. */
import type { Store } from "../../storage/store.ts";
import { done, type Family, failed } from "./family.ts";
import { LARGEST_UPLOAD, type PutPorts, put, type Upload } from "./put.ts";

export interface UploadPorts extends PutPorts {
  readonly store: Pick<Store, "journal">;
  /** Proof of play of a local month `YYYY-MM`; `null` where this station makes none. */
  readonly monthlyReport: ((month: string) => Promise<Upload>) | null;
  /** What was said live; `null` where there is none of this name. Absent where this station keeps none. */
  readonly recording?: ((id: string) => Promise<Upload | null>) | undefined;
}

const PAGE = 500;

/** Records after `afterSeq`, one a line as `{prev?, hash, text}` with the exact hashed text, as many as one upload takes. */
async function journalAfter(
  journal: Store["journal"],
  afterSeq: number,
  signal: AbortSignal,
): Promise<{ bytes: Buffer; last: number; more: boolean }> {
  const lines: Buffer[] = [];
  let size = 0;
  let last = afterSeq;
  while (!signal.aborted) {
    const records = await journal.list({ afterSeq: last, limit: PAGE });
    for (const { seq, hash, text } of records) {
      const line = Buffer.from(`${JSON.stringify({ seq, hash, text })}\n`);
      if (size + line.length > LARGEST_UPLOAD) return { bytes: Buffer.concat(lines), last, more: true };
      lines.push(line);
      size += line.length;
      last = seq;
    }
    if (records.length < PAGE) break;
  }
  return { bytes: Buffer.concat(lines), last, more: false };
}

export function uploadCommands(ports: UploadPorts): Family {
  const { store, monthlyReport } = ports;
  const report: Family =
    monthlyReport === null
      ? {}
      : {
          "upload-report": async ({ month, putTo }, { signal, progress }) => {
            const upload = await monthlyReport(month);
            await progress({ step: "sending", bytes: upload.bytes.length });
            return put(ports, putTo, upload, signal);
          },
        };
  const { recording: find } = ports;
  const recording: Family =
    find === undefined
      ? {}
      : {
          "upload-recording": async ({ recording: id, putTo }, { signal, progress }) => {
            const upload = await find(id);
            if (upload === null) return failed(`no recording '${id}' is kept`);
            await progress({ step: "sending", bytes: upload.bytes.length });
            return put(ports, putTo, upload, signal);
          },
        };
  return {
    ...report,
    ...recording,
    "upload-journal": async ({ afterSeq, putTo }, { signal, progress }) => {
      const { bytes, last, more } = await journalAfter(store.journal, afterSeq, signal);
      if (bytes.length === 0)
        return last === afterSeq && more ? failed("a record is too large") : done("nothing follows");
      await progress({ step: "sending", bytes: bytes.length, last });
      const result = await put(ports, putTo, { type: "application/x-ndjson", bytes }, signal);
      if (result.status !== "done") return result;
      return done(`${result.detail}, up to record ${last}${more ? "; more follow" : ""}`);
    },
  };
}
