/** The CLI's end of the control socket. */
import { request } from "node:http";
import { DaemonDown, Refused } from "./command.ts";

const TIMEOUT_MS = 10_000;

export function askDaemon(
  socketPath: string,
  method: "GET" | "POST",
  path: string,
  body?: object,
  timeoutMs = TIMEOUT_MS,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request({
      socketPath,
      method,
      path,
      timeout: timeoutMs,
      headers: { "content-type": "application/json" },
    });
    call.on("timeout", () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    call.on("error", (error) => reject(new DaemonDown(error.message, { cause: error })));
    call.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        try {
          const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
          if (response.statusCode === 200) resolve(value);
          else reject(new Refused(String((value as { error?: unknown }).error)));
        } catch (error) {
          reject(error);
        }
      });
    });
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
