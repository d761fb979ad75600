/** What we send to the kernel, byte for byte against the kernel's own header: a C program built here fills the same structures. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as uapi from "../../../drivers/gpio/uapi.ts";

/** Numbers as `name value` lines, then the bytes of structures as `name hex`. */
const PROGRAM = `
#include <linux/gpio.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#define NUMBER(name, value) printf("%s %llu\\n", name, (unsigned long long)(value))
static void bytes(const char *name, const void *at, size_t size) {
  printf("%s ", name);
  for (size_t i = 0; i < size; i++) printf("%02x", ((const unsigned char *)at)[i]);
  printf("\\n");
}
typedef struct gpio_v2_line_request request;
typedef struct gpio_v2_line_config_attribute attribute;
int main(void) {
  NUMBER("chipInfo", GPIO_GET_CHIPINFO_IOCTL);
  NUMBER("lineInfo", GPIO_V2_GET_LINEINFO_IOCTL);
  NUMBER("getLine", GPIO_V2_GET_LINE_IOCTL);
  NUMBER("getValues", GPIO_V2_LINE_GET_VALUES_IOCTL);
  NUMBER("setValues", GPIO_V2_LINE_SET_VALUES_IOCTL);
  NUMBER("size.chipInfo", sizeof(struct gpiochip_info));
  NUMBER("size.lineInfo", sizeof(struct gpio_v2_line_info));
  NUMBER("size.lineRequest", sizeof(request));
  NUMBER("size.lineValues", sizeof(struct gpio_v2_line_values));
  NUMBER("size.lineEvent", sizeof(struct gpio_v2_line_event));
  NUMBER("at.chip.label", offsetof(struct gpiochip_info, label));
  NUMBER("at.chip.lines", offsetof(struct gpiochip_info, lines));
  NUMBER("at.info.consumer", offsetof(struct gpio_v2_line_info, consumer));
  NUMBER("at.info.offset", offsetof(struct gpio_v2_line_info, offset));
  NUMBER("at.info.flags", offsetof(struct gpio_v2_line_info, flags));
  NUMBER("at.request.consumer", offsetof(request, consumer));
  NUMBER("at.request.flags", offsetof(request, config.flags));
  NUMBER("at.request.attrCount", offsetof(request, config.num_attrs));
  NUMBER("at.request.attrs", offsetof(request, config.attrs));
  NUMBER("at.request.lines", offsetof(request, num_lines));
  NUMBER("at.request.eventBuffer", offsetof(request, event_buffer_size));
  NUMBER("at.request.fd", offsetof(request, fd));
  NUMBER("at.attr.id", offsetof(attribute, attr.id));
  NUMBER("at.attr.value", offsetof(attribute, attr.values));
  NUMBER("at.attr.mask", offsetof(attribute, mask));
  NUMBER("at.attr.size", sizeof(attribute));
  NUMBER("at.values.bits", offsetof(struct gpio_v2_line_values, bits));
  NUMBER("at.values.mask", offsetof(struct gpio_v2_line_values, mask));
  NUMBER("flag.used", GPIO_V2_LINE_FLAG_USED);
  NUMBER("flag.activeLow", GPIO_V2_LINE_FLAG_ACTIVE_LOW);
  NUMBER("flag.input", GPIO_V2_LINE_FLAG_INPUT);
  NUMBER("flag.output", GPIO_V2_LINE_FLAG_OUTPUT);
  NUMBER("flag.edgeRising", GPIO_V2_LINE_FLAG_EDGE_RISING);
  NUMBER("flag.edgeFalling", GPIO_V2_LINE_FLAG_EDGE_FALLING);
  NUMBER("flag.pullUp", GPIO_V2_LINE_FLAG_BIAS_PULL_UP);
  NUMBER("flag.pullDown", GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN);
  NUMBER("flag.biasDisabled", GPIO_V2_LINE_FLAG_BIAS_DISABLED);

  request out; memset(&out, 0, sizeof out);
  out.offsets[0] = 27; out.offsets[1] = 17; out.num_lines = 2;
  strcpy(out.consumer, "loa loa-1");
  out.config.flags = GPIO_V2_LINE_FLAG_OUTPUT;
  out.config.num_attrs = 2;
  out.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_FLAGS;
  out.config.attrs[0].attr.flags = GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  out.config.attrs[0].mask = 2;
  out.config.attrs[1].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
  out.config.attrs[1].attr.values = 1;
  out.config.attrs[1].mask = 3;
  bytes("request.outputs", &out, sizeof out);

  request in; memset(&in, 0, sizeof in);
  in.offsets[0] = 5; in.num_lines = 1; in.event_buffer_size = 64;
  strcpy(in.consumer, "loa key");
  in.config.flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING
    | GPIO_V2_LINE_FLAG_BIAS_PULL_UP | GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  bytes("request.input", &in, sizeof in);

  struct gpio_v2_line_values values = { .bits = 2, .mask = 3 };
  bytes("values", &values, sizeof values);
  return 0;
}
`;

const said = new Map<string, string>();

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "loa-uapi-"));
  try {
    writeFileSync(join(folder, "uapi.c"), PROGRAM);
    execFileSync("cc", ["-Wall", "-Werror", "-o", join(folder, "uapi"), join(folder, "uapi.c")]);
    for (const line of execFileSync(join(folder, "uapi"), { encoding: "utf8" }).trim().split("\n")) {
      const [name, value] = line.split(" ") as [string, string];
      said.set(name, value);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe("the structures of the GPIO character device are the kernel header's", () => {
  const fields = Object.entries(uapi.AT).flatMap(([name, of]) =>
    Object.entries(of).map(([field, at]) => [`at.${name}.${field}`, at] as const),
  );
  it.each([
    ...Object.entries(uapi.REQUESTS),
    ...Object.entries(uapi.SIZES).map(([name, size]) => [`size.${name}`, size] as const),
    ...Object.entries(uapi.FLAGS).map(([name, flag]) => [`flag.${name}`, flag] as const),
    ...fields,
  ])("%s", (name, value) => {
    expect(String(value)).toBe(said.get(name));
  });

  it("outputs with levels, one of them active-low, byte for byte", () => {
    const lines = [
      { offset: 27, activeLow: false },
      { offset: 17, activeLow: true },
    ];
    const bytes = uapi.lineRequest("loa loa-1", lines, { levels: [true, false] });
    expect(bytes.toString("hex")).toBe(said.get("request.outputs"));
  });

  it("an input with edges and a resistor, byte for byte", () => {
    const bytes = uapi.lineRequest("loa key", [{ offset: 5, activeLow: true, bias: "pull-up" }], { edges: true });
    expect(bytes.toString("hex")).toBe(said.get("request.input"));
  });

  it("values, byte for byte, and back", () => {
    const bytes = uapi.lineValues(2n, 3n);
    expect(bytes.toString("hex")).toBe(said.get("values"));
    expect(uapi.levelsIn(bytes, 2)).toEqual([false, true]);
  });
});

describe("a request", () => {
  it("keeps 31 bytes of a name, and no half letter", () => {
    const bytes = uapi.lineRequest(`loa ${"ộ".repeat(20)}`, [{ offset: 0, activeLow: false }], { edges: false });
    expect(bytes.subarray(256, 288).toString("utf8").replace(/\0+$/, "")).toBe(`loa ${"ộ".repeat(9)}`);
  });

  it("has room for eight lines, each of its own kind", () => {
    const lines = Array.from({ length: 8 }, (_, offset) => ({ offset, activeLow: offset % 2 === 1 }));
    expect(uapi.lineRequest("x", lines, { edges: false }).readUInt32LE(296)).toBe(1);
    expect(() => uapi.lineRequest("x", [...lines, { offset: 8, activeLow: false }], { edges: false })).toThrow(
      RangeError,
    );
  });
});
