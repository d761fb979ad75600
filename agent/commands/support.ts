/** The command that sends a support bundle where its address says. */
import { done, type Family, failed } from "./family.ts";
import { LARGEST_UPLOAD, type PutPorts, put } from "./put.ts";

export interface SupportPorts extends PutPorts {
  /** Makes one for whoever asks. Absent where this station makes none. */
  readonly supportBundle?: ((by: string) => Promise<Buffer>) | undefined;
}

export function supportCommands(ports: SupportPorts): Family {
  const { supportBundle } = ports;
  if (supportBundle === undefined) return {};
  return {
    "support-bundle": async ({ putTo }, { by, signal, progress }) => {
      const bytes = await supportBundle(by);
      if (bytes.length > LARGEST_UPLOAD) return failed(`${bytes.length} bytes; at most ${LARGEST_UPLOAD} are sent`);
      await progress({ step: "sending", bytes: bytes.length });
      const sent = await put(ports, putTo, { type: "application/gzip", bytes }, signal);
      return sent.status === "done" ? done(sent.detail) : sent;
    },
  };
}
