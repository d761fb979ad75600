/** gpg with one secret key, in a home of its own that is gone afterwards: neither the keys nor the settings of whoever publishes have a part in it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Signer {
  readonly fingerprint: string;
  readonly #home: string;
  readonly #passphrase: readonly string[];

  private constructor(home: string, fingerprint: string, passphrase: readonly string[]) {
    this.#home = home;
    this.fingerprint = fingerprint;
    this.#passphrase = passphrase;
  }

  /** @throws Error where the file holds no secret key, or more than one */
  static open(keyFile: string, passphraseFile: string | undefined): Signer {
    const home = mkdtempSync(join(tmpdir(), "loa-gpg-"));
    try {
      const passphrase = passphraseFile === undefined ? [] : ["--passphrase-file", passphraseFile];
      gpg(home, [...passphrase, "--import", keyFile]);
      const listed = gpg(home, ["--with-colons", "--list-secret-keys"]).toString();
      const keys = [...listed.matchAll(/^sec:.*\n(?:.*\n)*?fpr:+([0-9A-F]+):/gm)].map((found) => found[1] ?? "");
      const [fingerprint] = keys;
      if (fingerprint === undefined)
        throw new Error(`${keyFile} holds no secret key: gpg --export-secret-keys --armor KEY`);
      if (keys.length > 1) throw new Error(`${keyFile} holds ${keys.length} secret keys: export one`);
      return new Signer(home, fingerprint, passphrase);
    } catch (error) {
      forget(home);
      throw error;
    }
  }

  clearSign(text: string, epoch: number): Buffer {
    return this.#sign("--clearsign", text, epoch);
  }

  detachSign(text: string, epoch: number): Buffer {
    return this.#sign("--detach-sign", text, epoch);
  }

  /** What stations pin. */
  publicKey(): Buffer {
    return gpg(this.#home, ["--armor", "--export", this.fingerprint]);
  }

  close(): void {
    forget(this.#home);
  }

  /** At the release's own time, or two signatures of one text would differ. */
  #sign(how: string, text: string, epoch: number): Buffer {
    const time = ["--faked-system-time", `${epoch}!`];
    const key = ["--local-user", this.fingerprint, "--digest-algo", "SHA512"];
    return gpg(this.#home, [...this.#passphrase, ...time, ...key, "--armor", how], text);
  }
}

function gpg(home: string, args: readonly string[], input = ""): Buffer {
  const always = ["--homedir", home, "--batch", "--no-tty", "--quiet", "--pinentry-mode", "loopback"];
  try {
    return execFileSync("gpg", [...always, ...args], { input, stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    const said = (error as { stderr?: Buffer }).stderr?.toString().trim();
    throw new Error(`gpg: ${said || String(error)}`, { cause: error });
  }
}

/** The agent that gpg started ends too. */
function forget(home: string): void {
  try {
    execFileSync("gpgconf", ["--homedir", home, "--kill", "all"], { stdio: "ignore" });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
