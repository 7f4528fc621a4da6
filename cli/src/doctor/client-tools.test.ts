import { expect, test } from "vitest";
import { clientToolsFinding } from "./client-tools.ts";

test.each([
  ["pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n", "warning"],
  ["pg_dump (PostgreSQL) 9.6.24\n", "warning"],
  ["pg_dump (PostgreSQL) 18.0\n", undefined],
  ["pg_dump (PostgreSQL) 19beta1\n", undefined],
  ["something else\n", undefined],
  ["", undefined],
])("%j", (printed, health) => expect(clientToolsFinding(printed)?.health).toBe(health));
