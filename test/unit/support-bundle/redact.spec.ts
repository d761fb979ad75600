import { describe, expect, it } from "vitest";
import { redact, redactText } from "../../../agent/support/redact.ts";

const SECRETS = [
  'url "rtsp://camera:mat-khau-1@10.0.0.3/live?token=mat-khau-2"',
  "officerToken: scrypt:AAAAAAAAAAAAAAAAAAAAAA:mat-khau-3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "Authorization: Bearer mat-khau-4.abc",
  '{"password":"mat-khau-5","user":"lan"}',
  "claim = mat-khau-6",
  "-----BEGIN EC PRIVATE KEY-----\nmat-khau-7\n-----END EC PRIVATE KEY-----",
  "-----BEGIN PRIVATE KEY-----\nmat-khau-8 torn by a power cut",
];

describe("what leaves the station for somebody's eyes", () => {
  it.each(SECRETS)("hides the secret in: %s", (text) => {
    expect(redactText(text)).not.toContain("mat-khau");
    expect(JSON.stringify(redact({ deep: [{ text }] }))).not.toContain("mat-khau");
  });

  it("hides what stands under a secret's name, however deep, and keeps the rest", () => {
    const told = {
      station: "xa-1",
      limits: { officerToken: "mat-khau" },
      hardware: {
        board: { faces: [{ controller: { kind: "pjlink", password: "mat-khau", link: { host: "10.0.0.4" } } }] },
      },
      identity: { current: { key: "mat-khau", request: "mat-khau", certificate: "-----BEGIN CERTIFICATE-----" } },
      slot: { key: "" },
    };
    const text = JSON.stringify(redact(told));
    expect(text).not.toContain("mat-khau");
    for (const kept of ["xa-1", "pjlink", "10.0.0.4", "BEGIN CERTIFICATE"]) expect(text).toContain(kept);
  });

  it("keeps host and path of an address", () => {
    expect(redactText("mqtts://u:p@source.example.vn:8883/a?x=1")).toBe("mqtts://source.example.vn:8883/a?…");
  });
});
