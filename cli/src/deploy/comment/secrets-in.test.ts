import { describe, expect, test } from "vitest";
import { secretsIn, secretsOfEnvironment, secretsOfHost, secretsOfUrl } from "./secrets-in.ts";

describe("what looks like a secret is found, whoever's it is", () => {
  test.each([
    "postgresql://pat@db.example.com/shop",
    "see https://pat:hunter2@example.com/x",
    "the role npg_Ab12Cd34Ef",
    "napi_abcdefgh12345",
    "ep-cool-boat-71792518.eu-central-1.aws.neon.tech",
    "ep-cool-boat-71792518-pooler.eu-central-1.aws.neon.tech",
    `token ghs_${"a1".repeat(18)}`,
    `token github_pat_${"a1".repeat(20)}`,
    "AKIAIOSFODNN7EXAMPLE",
    `pul-${"0a".repeat(20)}`,
    "-----BEGIN RSA PRIVATE KEY-----",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk",
  ])("%s", (text) => {
    const found = secretsIn(`before ${text} after`, []);
    expect(found).not.toEqual([]);
    for (const what of found) expect(what).not.toContain(text);
  });
});

test("an ordinary comment has none", () => {
  const body =
    "Preview: <https://ci-pr-1.preview.example.com/> `ep` password_hash text, localhost, postgres";
  expect(secretsIn(body, [])).toEqual([]);
});

describe("what this run knows", () => {
  test("of its environment: by the name of a variable, and connection strings of any name", () => {
    const env = {
      NEON_API_KEY: "k3y-of-neon",
      MY_PASSWORD: "s3cr3t-w0rd",
      POSTGRES_PASSWORD: "postgres",
      DATABASE_URL: "mysql2://shop:pa%24%24w0rd-1@db.internal.example:5432/shop",
      PATH: "/usr/bin/long/enough",
      SHORT_TOKEN: "abc",
    };
    const known = secretsOfEnvironment(env);
    expect(secretsIn("x k3y-of-neon x", known)).toEqual(["the value of NEON_API_KEY"]);
    expect(secretsIn("x S3CR3T-W0RD x", known)).toEqual(["the value of MY_PASSWORD"]);
    expect(secretsIn("x pa$$w0rd-1 x", known)).toEqual(["the password of DATABASE_URL"]);
    expect(secretsIn("x pa%24%24w0rd-1 x", known)).toEqual(["the password of DATABASE_URL"]);
    expect(secretsIn("on DB.internal.example", known)).toEqual(["the host of DATABASE_URL"]);
    expect(secretsIn("postgres abc /usr/bin/long/enough", known)).toEqual([]);
  });

  test("of a connection string; this machine's own name is a word like others, its port is not", () => {
    const url = "postgresql://neondb_owner:n0t-t0-be-told@localhost:27946/neondb";
    const known = secretsOfUrl(url, "main");
    expect(secretsIn("n0t-t0-be-told", known)).toEqual(["the password of main"]);
    expect(secretsIn("at localhost:27946", known)).toEqual(["the host of main"]);
    expect(secretsIn("http://localhost:3000", known)).toEqual([]);
    expect(secretsOfHost("db", "db", "x")).toEqual([]);
    expect(secretsOfHost("db", "db:5432", "x")).toEqual([
      { what: "the host of x", value: "db:5432" },
    ]);
  });
});
