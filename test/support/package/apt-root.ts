/** The real apt in a root of its own: its lists, caches and sources lie in one folder, and nothing of the machine's takes part. */
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const EXAMPLE = resolve(import.meta.dirname, "../../../deploy/examples/loa.sources");

export interface Said {
  readonly code: number | null;
  readonly text: string;
}

export class AptRoot {
  readonly #root: string;
  readonly #config: string;

  private constructor(root: string) {
    this.#root = root;
    this.#config = join(root, "apt.conf");
  }

  /** With `deploy/examples/loa.sources`, its address and key replaced by those given. */
  static async create(root: string, repository: string, key: string): Promise<AptRoot> {
    const apt = new AptRoot(root);
    for (const name of ["etc/sources.list.d", "etc/preferences.d", "lists/partial", "cache/archives/partial"]) {
      await mkdir(join(root, name), { recursive: true });
    }
    await writeFile(join(root, "status"), "");
    await copyFile(key, join(root, "loa.asc"));
    const example = await readFile(EXAMPLE, "utf8");
    const sources = example
      .replace(/^URIs: .*$/m, `URIs: file:${repository}`)
      .replace(/^Signed-By: .*$/m, `Signed-By: ${join(root, "loa.asc")}`);
    await writeFile(join(root, "etc/sources.list.d/loa.sources"), sources);
    const settings = {
      "APT::Architecture": "amd64",
      // Root hands over to another user, who may not read temporary folders.
      "APT::Sandbox::User": "root",
      "Dir::State": root,
      "Dir::State::status": join(root, "status"),
      "Dir::Cache": join(root, "cache"),
      "Dir::Etc": join(root, "etc"),
      "Dir::Etc::parts": "/dev/null",
      "Dir::Etc::trustedparts": "/dev/null",
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
    await writeFile(apt.#config, `${lines.join("\n")}\n`);
    return apt;
  }

  update(): Said {
    return this.#run("apt-get", ["update", "--error-on=any"]);
  }

  /** Into the root's folder, with everything that apt checks. */
  download(name: string): Said {
    return this.#run("apt-get", ["download", name]);
  }

  /** The version that would be installed; `null` where none is offered. */
  offered(name: string): string | null {
    return /Candidate: (\S+)/.exec(this.#run("apt-cache", ["policy", name]).text)?.[1] ?? null;
  }

  #run(command: string, args: readonly string[]): Said {
    const env = { PATH: process.env.PATH, LC_ALL: "C", APT_CONFIG: this.#config };
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: this.#root, env, encoding: "utf8" });
    return { code: status, text: `${stdout}${stderr}` };
  }
}
