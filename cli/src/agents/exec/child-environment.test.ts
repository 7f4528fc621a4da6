import { describe, expect, test } from "vitest";
import { childEnvironment, hostOf } from "./child-environment.ts";

const url = "postgresql://ds_agent:new@localhost:2000/neondb";
const own = { DATABASE_URL: url, DATABASE_URL_UNPOOLED: url, DEVSTRIDE_STAGE: "pat-agent-x" };
const checkout = "postgresql://o:p@localhost:1000/neondb";
const input = (patch: Partial<Parameters<typeof childEnvironment>[0]>) =>
  childEnvironment({ env: {}, file: [], own, url, checkoutHost: hostOf(checkout), ...patch });

describe("the environment of an agent's command", () => {
  test("has its own database by every name of the project's", () => {
    const env = input({
      env: { PATH: "/bin", DATABASE_URL: checkout, DEVSTRIDE_STAGE: "pat-local" },
      file: [
        ["DATABASE_URL", checkout],
        ["DIRECT_URL", checkout],
        ["WORDS", "here"],
      ],
    });
    expect(env).toEqual({ PATH: "/bin", ...own, DIRECT_URL: url });
  });

  test("has no other database, wherever it is named", () => {
    const env = input({
      env: {
        PRODUCTION: "postgres://o:p@prod.example.com/x",
        BROKEN: "postgresql://%",
        PGHOST: "prod.example.com",
        PGPASSWORD: "secret",
        PGTZ: "UTC",
        WEB: "https://example.com",
      },
      file: [
        ["REPORTS", "postgres://o:p@reports.example.com/x"],
        ["MAIL", "smtp://a:b@c"],
      ],
    });
    expect(env).toEqual({ PGTZ: "UTC", WEB: "https://example.com", REPORTS: "", ...own });
  });

  test("has nothing that opens Neon's API or the cloud", () => {
    const env = input({
      env: { NEON_API_KEY: "napi_x", AWS_SECRET_ACCESS_KEY: "x", TERM: "dumb" },
    });
    expect(env).toEqual({ TERM: "dumb", ...own });
  });
});

test.each([
  ["postgres://a@b/c", "b:5432"],
  ["postgresql://a:b@ep-x-pooler.eu.neon.tech/c?sslmode=require", "ep-x.eu.neon.tech:5432"],
  ["POSTGRES://a@b:1/c", "b:1"],
  ["postgres://", ""],
  ["mysql://a@b/c", undefined],
  [undefined, undefined],
])("%s is at %s", (value, host) => expect(hostOf(value)).toBe(host));
