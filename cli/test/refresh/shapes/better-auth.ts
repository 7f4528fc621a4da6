import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answerOf } from "./registry.ts";
import { from, type Shape } from "./shape.ts";

/** The tables that the package better-auth makes for organizations with teams, roles and two factors. */
export async function betterAuth(
  folder: string,
  emptyDatabase: string,
): Promise<Shape | undefined> {
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }`);
  writeFileSync(join(folder, "schema.mjs"), program);
  const install = ["install", "--no-audit", "--no-fund", "better-auth@1.7.25", "pg@8.23.1"];
  if ((await answerOf("npm", install, { cwd: folder })) === undefined) return undefined;
  const env = { DATABASE_URL: emptyDatabase };
  await answerOf(process.execPath, ["schema.mjs"], { cwd: folder, env });
  return { ...rest, schema: readFileSync(join(folder, "schema.sql"), "utf8") };
}

const program = `
import { writeFileSync } from "node:fs";
import { getMigrations } from "better-auth/db/migration";
import { admin, organization, phoneNumber, twoFactor, username } from "better-auth/plugins";
import pg from "pg";
const database = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const teams = organization({ teams: { enabled: true }, dynamicAccessControl: { enabled: true } });
const plugins = [teams, twoFactor(), admin(), phoneNumber({ sendOTP() {} }), username()];
const { compileMigrations } = await getMigrations({ database, secret: "x".repeat(32), plugins });
writeFileSync("schema.sql", await compileMigrations());
await database.end();
`;

const rest: Omit<Shape, "schema"> = {
  fill: {
    root: "organization",
    tenantColumns: ["organizationId"],
    tenants: 4,
    rows: 12,
    references: { "invitation.teamId": "team.id" },
    values: {
      "*.role": () => "member",
      "*.status": () => "pending",
      "*.permission": () => `{"project":["read"]}`,
    },
  },
  rules: `{
  ${from},
  tenant: { table: "organization", column: "organizationId", demo: "" },
  tables: { user: "shared", session: "skip", account: "skip", verification: "skip", twoFactor: "skip" },
  references: { "invitation.teamId": { to: "team.id" } },
  columns: {
  },
}`,
  whole: { reference: [], skip: ["session", "account", "verification", "twoFactor"] },
};
