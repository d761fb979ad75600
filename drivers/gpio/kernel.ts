/** What the character device needs of the kernel, so that a test can stand for it. */
import { closeSync, constants, openSync, readdirSync, readSync } from "node:fs";
import { deviceRequest, readableNow } from "../host/libc.ts";

/** All of it at once and without waiting: the kernel answers these from memory, but for a chip behind I²C, which takes a millisecond. */
export interface GpioKernel {
  /** Paths of the chips, `/dev/gpiochip0` and so on; empty where there are none. */
  chips(): readonly string[];
  /** @throws as `openSync` does */
  open(path: string): number;
  /** 0, or the number of the error. */
  request(fd: number, request: number, bytes: Uint8Array): number;
  readable(fd: number): boolean;
  /** How many bytes were read. @throws as `readSync` does */
  read(fd: number, into: Uint8Array): number;
  close(fd: number): void;
}

const DEV = "/dev";

export const GPIO_KERNEL: GpioKernel = {
  chips: () =>
    readdirSync(DEV)
      .filter((name) => /^gpiochip\d+$/.test(name))
      .sort()
      .map((name) => `${DEV}/${name}`),
  open: (path) => openSync(path, constants.O_RDWR),
  request: deviceRequest,
  readable: readableNow,
  read: (fd, into) => readSync(fd, into),
  close: closeSync,
};
