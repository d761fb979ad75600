import { describe, expect, it } from "vitest";
import { livePin } from "../../../agent/contract/content.ts";
import { item } from "../../../agent/contract/items.ts";
import { withoutSecrets } from "../../../playback/model/live.ts";
import { allowedBy, isInward, parseAuthority } from "../../../playback/sound/live/allowed-hosts.ts";
import { liveArguments } from "../../../playback/sound/live/arguments.ts";
import { HORN_BAND } from "../../../playback/sound/processing.ts";

describe("an address in a log", () => {
  it.each([
    ["https://u:p@live.vn/a?t=1", "https://live.vn/a?…"],
    ["Error opening rtsp://u:p@10.0.0.1:554/x: 401", "Error opening rtsp://10.0.0.1:554/x: 401"],
    ["http://u:p%40ss@a/x http://b/?k=2 gone", "http://a/x http://b/?… gone"],
    ["http://u:p@ss@a/x", "http://a/x"],
    ["no address", "no address"],
  ])("%s", (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown);
  });
});

describe("a pin", () => {
  const pin = (change: object) => livePin.safeParse({ id: "p", kind: "icecast", url: "https://a.vn/x", ...change });
  it.each([
    ["a stream over TLS", {}, true],
    ["further hosts", { hosts: ["edge.a.vn", "10.0.0.1:8000", "[2001:db8::1]:80"] }, true],
    ["a host that is an address", { hosts: ["https://edge.a.vn"] }, false],
    ["a host with a wildcard", { hosts: ["*.a.vn"] }, false],
    ["a scheme of another kind", { url: "rtsp://a.vn/x" }, false],
    ["a file", { url: "file:///etc/passwd" }, false],
    [
      "RTP with its description",
      { kind: "rtp", url: "rtp://239.1.1.1:5004", sdp: "v=0\r\nm=audio 5004 RTP/AVP 96\r\n" },
      true,
    ],
    ["a description of something else", { kind: "rtp", url: "rtp://239.1.1.1:5004", sdp: "#EXTM3U" }, false],
    ["a description where none belongs", { sdp: "v=0\n" }, false],
    ["a line of the station", { kind: "line", url: "line:fm" }, true],
    ["a line with a host", { kind: "line", url: "line:fm", hosts: ["a.vn"] }, false],
    ["a line that is a path", { kind: "line", url: "line:/dev/snd" }, false],
    ["a line without a name", { kind: "line", url: "line:" }, false],
    [
      "an SRT source with its stream and key",
      { kind: "srt", url: "srt://a.vn:9000?streamid=loa&passphrase=0123456789" },
      true,
    ],
    ["an SRT source that would be listened for", { kind: "srt", url: "srt://a.vn:9000?mode=listener" }, false],
    ["an SRT source without a port", { kind: "srt", url: "srt://a.vn" }, false],
    ["an SRT source with a key too short to be one", { kind: "srt", url: "srt://a.vn:9000?passphrase=short" }, false],
    ["an SRT source with a user", { kind: "srt", url: "srt://u:p@a.vn:9000" }, false],
    ["a line of another kind", { kind: "rtp", url: "line:fm" }, false],
  ])("%s: %o", (_, change, good) => {
    expect(pin(change).success).toBe(good);
  });

  it("is named by an item, which has no address of its own", () => {
    const live = { kind: "live", id: "l", title: "l", longestMs: 60_000 };
    expect(item.safeParse({ ...live, source: "vov1" }).success).toBe(true);
    expect(item.safeParse({ ...live, url: "https://a.vn/x" }).success).toBe(false);
    expect(item.safeParse({ ...live, source: "vov1", url: "https://a.vn/x" }).success).toBe(false);
  });

  const https = { id: "p", kind: "hls", url: "https://A.vn/x", hosts: ["edge.a.vn", "cdn.a.vn:8443"] } as const;
  it.each([
    ["a.vn:443", true],
    ["a.vn:80", false],
    ["edge.a.vn:443", true],
    ["edge.a.vn:80", true],
    ["edge.a.vn:22", false],
    ["cdn.a.vn:8443", true],
    ["cdn.a.vn:443", false],
    ["b.edge.a.vn:443", false],
    ["A.VN.:443", true],
  ])("lets its source lead to %s: %s", (authority, good) => {
    const to = parseAuthority(authority);
    expect(to !== null && allowedBy(https, to)).toBe(good);
  });

  it.each([
    ...[
      "127.0.0.1",
      "127.9.9.9",
      "0.0.0.0",
      "169.254.169.254",
      "::1",
      "::",
      "fe80::1",
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
    ],
  ])("knows %s for an address that no name should have", (address) => {
    expect(isInward(address)).toBe(true);
  });
  it.each(["10.0.0.1", "8.8.8.8", "2001:db8::1", "1.0.0.127"])("knows %s for one that it may have", (address) => {
    expect(isInward(address)).toBe(false);
  });
});

describe("the words for ffmpeg", () => {
  const url = {
    icecast: "https://a/x",
    hls: "https://a/x",
    rtsp: "rtsp://a/x",
    rtmp: "rtmp://a/x",
    srt: "srt://a:9000",
    rtp: "rtp://239.1.1.1:5004",
  };
  it.each(["icecast", "hls", "rtsp", "rtmp", "srt", "rtp"] as const)(
    "of %s open neither files nor other kinds",
    (kind) => {
      const words = liveArguments({ id: "p", kind, url: url[kind], hosts: [] }, url[kind], HORN_BAND);
      const protocols = words[words.indexOf("-protocol_whitelist") + 1]?.split(",") ?? [];
      expect(protocols).not.toHaveLength(0);
      for (const other of ["file", "concat", "data", "subfile", "ftp", "gopher"])
        expect(protocols).not.toContain(other);
      expect(words).not.toContain("-re");
      expect(words.join(" ")).not.toMatch(/-reconnect/);
      expect(words.indexOf("-protocol_whitelist")).toBeLessThan(words.indexOf("-i"));
      expect(words[words.indexOf("-af") + 1]).toMatch(/highpass=f=200.*acompressor=.*alimiter=/);
    },
  );
  it.each(["alsa", "pulse"] as const)(
    "of a line open the device that the station names, through %s, squelched",
    (kind) => {
      const pin = { id: "p", kind: "line", url: "line:fm", hosts: [] } as const;
      const words = liveArguments(pin, { kind, device: "plughw:CARD=FM" }, HORN_BAND);
      expect(words.slice(words.indexOf("-i"), words.indexOf("-i") + 2)).toEqual(["-i", "plughw:CARD=FM"]);
      expect(words[words.indexOf("-f") + 1]).toBe(kind);
      expect(words[words.indexOf("-af") + 1]).toMatch(/highpass=f=200.*agate=.*acompressor=.*alimiter=/);
      expect(words[words.indexOf("-protocol_whitelist") + 1]).toBe("pipe");
    },
  );
  it("of SRT call, and give what the address asks for as options", () => {
    const pinned = "srt://a:9000?streamid=%23!::r=loa&passphrase=m%E1%BA%ADt+kh%E1%BA%A9u+x%C3%A3";
    const relay = "srt://127.0.0.1:5000";
    const words = liveArguments({ id: "p", kind: "srt", url: pinned, hosts: [] }, relay, null);
    expect(words[words.indexOf("-mode") + 1]).toBe("caller");
    expect(words[words.indexOf("-srt_streamid") + 1]).toBe("#!::r=loa");
    expect(words[words.indexOf("-passphrase") + 1]).toBe("mật khẩu xã");
    expect(words[words.indexOf("-i") + 1]).toBe(relay);
  });
  it("of RTP with a description read it from standard input", () => {
    const words = liveArguments({ id: "p", kind: "rtp", url: url.rtp, hosts: [], sdp: "v=0\n" }, url.rtp, null);
    expect(words.slice(words.indexOf("-i"), words.indexOf("-i") + 2)).toEqual(["-i", "pipe:0"]);
    expect(words).toContain("sdp");
  });
});
