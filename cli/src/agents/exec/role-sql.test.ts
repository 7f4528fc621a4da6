import { expect, test } from "vitest";
import { agentRoleSql } from "./role-sql.ts";

const input = {
  owner: "neondb_owner",
  database: 'a"b',
  password: "secret",
  exists: false,
  serverVersion: 180_000,
};

test("the role is made once, and gets another password later", () => {
  const begin = (exists: boolean) => agentRoleSql({ ...input, exists })[1]?.split(" ")[0];
  expect([begin(false), begin(true)]).toEqual(["create", "alter"]);
});

test("names are quoted; words that an older server does not know are left out", () => {
  const sql = agentRoleSql(input).join(";\n");
  expect(sql).toContain('alter database "a""b" owner to "neondb_owner"');
  expect(sql).toContain("with inherit true, set true");
  expect(agentRoleSql({ ...input, serverVersion: 150_004 }).join()).not.toContain("inherit");
});
