/** Requests to a device and waiting for it, with the real C library, on a device that every machine has. */
import { closeSync, openSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { expect, it, onTestFinished } from "vitest";
import { deviceRequest, readableNow } from "../../../drivers/host/libc.ts";

const TIOCGWINSZ = 0x5413;
const TIOCSWINSZ = 0x5414;

function terminal(): number {
  const fd = openSync("/dev/ptmx", "r+");
  onTestFinished(() => closeSync(fd));
  return fd;
}

it("a request reads what it is given and fills in what it is asked", () => {
  const fd = terminal();
  const size = Buffer.from([40, 0, 132, 0, 0, 0, 0, 0]);
  expect(deviceRequest(fd, TIOCSWINSZ, size)).toBe(0);
  const read = Buffer.alloc(8);
  expect(deviceRequest(fd, TIOCGWINSZ, read)).toBe(0);
  expect(read).toEqual(size);
});

it("says why the kernel refuses", () => {
  const fd = openSync("/dev/null", "r+");
  onTestFinished(() => closeSync(fd));
  // A number with its highest bit set goes through unchanged: "not such a device", and not "bad address".
  expect(deviceRequest(fd, 0xc250b407, Buffer.alloc(592))).toBe(constants.errno.ENOTTY);
  expect(deviceRequest(987, TIOCGWINSZ, Buffer.alloc(8))).toBe(constants.errno.EBADF);
});

it("knows whether there is something to read, without waiting", async () => {
  const fd = terminal();
  expect(readableNow(fd)).toBe(false);
  // The terminal echoes what is typed, a moment later.
  writeSync(fd, "x");
  await expect.poll(() => readableNow(fd)).toBe(true);
  expect(readableNow(987)).toBe(false);
});
