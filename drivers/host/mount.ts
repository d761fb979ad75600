/** On which file system a folder lies, and with which options. Source: proc_pid_mountinfo(5). */
export interface Mount {
  readonly point: string;
  /** `ext4`, `tmpfs`, … */
  readonly type: string;
  /** Mounted or remounted read-only, by either set of options. A kernel may refuse writes and still say `rw`: probe by writing. */
  readonly readOnly: boolean;
  /** `data=` of ext4; `null` where it is the default or there is none. */
  readonly data: string | null;
  /** `commit=`, seconds; `null` where it is the default or there is none. */
  readonly commitS: number | null;
  readonly options: readonly string[];
}

/** The mount that `path`, absolute and without links, lies on; `null` where the text names none. */
export function mountOf(path: string, mountinfo: string): Mount | null {
  let best: Mount | null = null;
  for (const line of mountinfo.split("\n")) {
    const mount = parsed(line);
    // The longest one; of equals the last, which is mounted over the others.
    if (mount !== null && isWithin(path, mount.point) && mount.point.length >= (best?.point.length ?? 0)) best = mount;
  }
  return best;
}

function parsed(line: string): Mount | null {
  const [left, right] = line.split(" - ");
  const [, , , , point, own] = (left ?? "").split(" ");
  const [type, , shared] = (right ?? "").split(" ");
  if (point === undefined || own === undefined || type === undefined || shared === undefined) return null;
  const options = [...own.split(","), ...shared.split(",")];
  const value = (name: string) =>
    options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  const commit = value("commit");
  return {
    point: point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    type,
    readOnly: options.includes("ro") || options.includes("emergency_ro"),
    data: value("data"),
    commitS: commit === null ? null : Number(commit),
    options,
  };
}

function isWithin(path: string, point: string): boolean {
  return point === "/" || path === point || path.startsWith(`${point}/`);
}
