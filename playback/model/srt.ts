/**
 * Addresses of SRT: `srt://HOST:PORT?streamid=…&passphrase=…`. The station calls and is never called, so nothing that would turn the call round
 * (`mode=listener`) may stand there. Source: options of libsrt as ffmpeg names them.
 */

/** All that an address may ask for: which stream, and by which key. */
const ASKS = ["streamid", "passphrase"] as const;
const PASSPHRASE = { shortest: 10, longest: 64 };

/** What is wrong with an address, or `null`. */
export function srtMistake({ port, username, pathname, hash, searchParams }: URL): string | null {
  const key = searchParams.get("passphrase");
  if (port === "") return "an SRT address needs a port";
  if (key !== null && (key.length < PASSPHRASE.shortest || key.length > PASSPHRASE.longest))
    return `the passphrase has ${PASSPHRASE.shortest} to ${PASSPHRASE.longest} characters`;
  const known = [...searchParams.keys()].every((name) => ASKS.some((ask) => ask === name));
  const bare = username === "" && hash === "" && ["", "/"].includes(pathname);
  return known && bare ? null : "an SRT address is srt://HOST:PORT, with streamid and passphrase at most";
}

/** What an address asks for. */
export function srtAsks(address: string): { readonly [ask in (typeof ASKS)[number]]: string | null } {
  const { searchParams } = new URL(address);
  return { streamid: searchParams.get("streamid"), passphrase: searchParams.get("passphrase") };
}
