import { describe, expect, it } from "vitest";
import { bridgeArguments, formatsTo, secretsOf, settingsMistake } from "../../../agent/bridge/arguments.ts";

describe("the address of a bridge", () => {
  it.each([
    ["icecast://source:mat-khau@10.0.0.1:8000/xa", null],
    ["icecast://10.0.0.1:8000/xa", "an Icecast address needs a user and a password"],
    ["rtp://239.1.1.1:5004", null],
    ["rtp://239.1.1.1", "an RTP address needs a port"],
    ["srt://tinh.vn:9000?streamid=xa-4&passphrase=0123456789", null],
    ["srt://tinh.vn?passphrase=0123456789", "an SRT address needs a port"],
    ["srt://tinh.vn:9000?passphrase=short", "the passphrase has 10 to 64 characters"],
    ["srt://tinh.vn:9000?mode=listener", "an SRT address is srt://HOST:PORT, with streamid and passphrase at most"],
    ["rtmp://tinh.vn/live/khoa", null],
    ["rtmp://tinh.vn", "an RTMP address needs an application and a key"],
    ["http://tinh.vn/xa", "'http:' is none of icecast:, srt:, rtmp:, rtp:"],
    ["tinh", "the address cannot be read"],
  ])("%s: %s", (to, mistake) => {
    expect(settingsMistake({ to })).toBe(mistake);
  });

  it("decides what can be carried, the usual first", () => {
    expect(["icecast://u:p@a/x", "srt://a:1", "rtmp://a/x/y", "rtp://a:1"].map(formatsTo)).toEqual([
      ["mp3", "opus", "aac"],
      ["aac", "mp3", "opus"],
      ["aac"],
      ["mp3", "opus"],
    ]);
    expect(formatsTo("http://a")).toEqual([]);
  });

  it("tells what of it is secret", () => {
    expect(secretsOf("icecast://u:m%E1%BA%ADt@a/x")).toEqual(["m%E1%BA%ADt", "mật"]);
    expect(secretsOf("icecast://u:100%x@a/x")).toEqual(["100%x", "100%x"]);
    expect(secretsOf("srt://a:1?passphrase=0123456789")).toEqual(["0123456789"]);
    expect(secretsOf("rtmp://a/live/khoa")).toEqual(["/live/khoa"]);
    expect(secretsOf("rtp://a:1")).toEqual([]);
  });

  it("gives ffmpeg the passphrase of SRT as an option, not in the address", () => {
    const to = "srt://a:9000?streamid=xa-4&passphrase=0123456789";
    const words = bridgeArguments({ system: "pulse", device: "mic", to, format: "aac", kilobits: 64, sdp: null });
    expect(words).toContain("srt://a:9000");
    expect(words.slice(words.indexOf("-passphrase"), words.indexOf("-passphrase") + 2)).toEqual([
      "-passphrase",
      "0123456789",
    ]);
    expect(words.filter((word) => word.includes("passphrase="))).toEqual([]);
  });
});
