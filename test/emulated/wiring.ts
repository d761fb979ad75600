/** What is wired to the emulated board: QEMU's PL061 as the relays' chip, the kernel's loopback as the sound card. */

export const CHIP = "9030000.pl061";
export const POWER = 0;
export const MUTE = 1;

export const AMPLIFIER_TIMES = {
  settleMs: 800,
  guardMs: 120,
  tailMs: 150,
  holdMs: 3_000,
  minimumOffMs: 1_000,
} as const;

/** Sections of `station.yaml`. Short times towards the broker, openly: a campaign cannot wait for the field's. */
export function hardware(by: "cdev" | "sysfs"): object {
  const line = (offset: number) => ({ chip: CHIP, offset });
  return {
    hardware: {
      // Recordings are compared with the files: a horn's band would change every waveform. An emulated processor is late for short buffers.
      sound: { band: "off", latencyHint: 0.4 },
      amplifier: { kind: "gpio", by, power: line(POWER), mute: line(MUTE) },
      amplifierTimes: AMPLIFIER_TIMES,
    },
  };
}
