import { expect, test } from "vitest";
import { readSettings } from "../src/settings.ts";

const DATABASE_URL = "postgres://someone:secret@127.0.0.1:5432/app";

test("port 3000 unless PORT says otherwise", () => {
  expect(readSettings({ DATABASE_URL })).toEqual({ databaseUrl: DATABASE_URL, port: 3000 });
  expect(readSettings({ DATABASE_URL, PORT: "0" }).port).toBe(0);
});

test.each(["", "http", "-1", "65536", "3000.5"])("PORT=%s is refused", (PORT) => {
  expect(() => readSettings({ DATABASE_URL, PORT })).toThrow("not a number from 0 to 65535");
});

test.each([undefined, ""])("DATABASE_URL=%s is missing", (url) => {
  expect(() => readSettings({ DATABASE_URL: url })).toThrow("DATABASE_URL is not set");
});

test("a wrong DATABASE_URL is refused without repeating it", () => {
  const refusal = () => readSettings({ DATABASE_URL: "mysql://someone:secret@host/app" });
  expect(refusal).toThrow("not a postgres:// URL");
  expect(refusal).not.toThrow("secret");
});
