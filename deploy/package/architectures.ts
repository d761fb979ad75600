/** What packages are made for, and how each is called by those who have a word in it. */

export interface Target {
  /** As npm and Node call the processor. */
  readonly cpu: string;
  /** Compilers of another processor; `null` on the own one. */
  readonly cross: string;
  /** As ELF files name it, for the check that nothing foreign was packed. */
  readonly machine: string;
}

export const TARGETS = {
  amd64: { cpu: "x64", cross: "x86_64-linux-gnu", machine: "x86-64" },
  arm64: { cpu: "arm64", cross: "aarch64-linux-gnu", machine: "ARM aarch64" },
} as const satisfies Record<string, Target>;
export type Architecture = keyof typeof TARGETS;

export function isArchitecture(name: string): name is Architecture {
  return name in TARGETS;
}
