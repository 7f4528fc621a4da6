import { expect, test } from "vitest";
import { olderPsql, psqlPlaces } from "./psql-version.ts";

test.each([
  ["psql (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)", 15],
  ["psql (PostgreSQL) 9.6.24", 9],
  ["psql (PostgreSQL) 18.4", undefined],
  ["psql (PostgreSQL) 19beta1", undefined],
  ["something else", undefined],
])("%s for a server of 18: %s", (printed, older) => {
  expect(olderPsql(printed, 18)).toBe(older);
});

test("places are those of one major version", () => {
  expect(psqlPlaces(17, "linux")).toContain("/usr/lib/postgresql/17/bin/psql");
  expect(psqlPlaces(17, "darwin").every((place) => place.includes("17"))).toBe(true);
});
