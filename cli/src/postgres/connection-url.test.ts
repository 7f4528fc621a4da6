import { describe, expect, test } from "vitest";
import {
  addressOf,
  addressOfHost,
  buildConnectionUrl,
  loopbackOf,
  parseConnectionUrl,
  withoutPassword,
} from "./connection-url.ts";

describe("parse and build", () => {
  test.each([
    "postgresql://neondb_owner:npg_abc@localhost:24118/neondb",
    "postgresql://u:p%40ss%2Fw%3Ard%25@host/db",
    "postgresql://u@[::1]:6000/db",
    "postgresql://u%20ser:p@host/my%20db?sslmode=require&channel_binding=require",
    "postgresql://a:%C3%A9%E2%82%AC@host/d%3Fb%23",
  ])("%s comes back as it was", (url) => {
    expect(buildConnectionUrl(parseConnectionUrl(url))).toBe(url);
  });

  test("every part is decoded", () => {
    expect(parseConnectionUrl("postgres://u:p%40ss@[::1]:6000/my%20db?sslmode=require")).toEqual({
      user: "u",
      password: "p@ss",
      host: "::1",
      port: 6000,
      database: "my db",
      parameters: { sslmode: "require" },
    });
  });

  test("defaults: port 5432, the database of the role's name", () => {
    expect(parseConnectionUrl("postgres://u@h")).toMatchObject({ port: 5432, database: "u" });
  });

  test.each([
    "not a url",
    "http://u:secret@host/db",
    "postgresql:///db",
    "postgresql://host/db",
    "postgresql://u:%zzsecret@host/db",
  ])("%s is refused, and not repeated", (url) => {
    try {
      parseConnectionUrl(url);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).toMatch(/is not a Postgres URL/);
      expect(String(error)).not.toContain("secret");
    }
  });
});

test("a URL for people has no password", () => {
  expect(withoutPassword("postgresql://u:p@h:1/db?sslmode=require")).toBe(
    "postgresql://u@h:1/db?sslmode=require",
  );
});

describe("addresses", () => {
  const address = (url: string) => addressOf(parseConnectionUrl(url));

  test("the pooled host is the same endpoint", () => {
    const host = "ep-cold-star-1234.eu-central-1.aws.neon.tech";
    expect(address(`postgresql://u@ep-cold-star-1234-pooler.eu-central-1.aws.neon.tech/d`)).toBe(
      addressOfHost(host),
    );
  });

  test("this machine has one name", () => {
    for (const host of ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"]) {
      expect(address(`postgresql://u@${host}:24118/d`)).toBe(addressOfHost("localhost:24118"));
    }
  });

  test("another port is another endpoint", () => {
    expect(address("postgresql://u@localhost:1/d")).not.toBe(addressOfHost("localhost:2"));
  });
});

test.each([
  ["http://127.0.0.1:24117/api/v2", "127.0.0.1"],
  ["http://localhost:24117/api/v2", undefined],
  ["http://[::1]:24117/api/v2", undefined],
  ["https://console.neon.tech/api/v2", undefined],
])("loopbackOf(%s) is %s", (api, address) => {
  expect(loopbackOf(api)).toBe(address);
});
