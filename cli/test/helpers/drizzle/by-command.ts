import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DsError, type ErrorCode } from "../../../src/errors/ds-error.ts";
import type { FolderFormat } from "../../../src/migrations/folder/migration.ts";
import { startDs } from "../command.ts";
import type { Appliers } from "./both-ways.ts";
import { installKit, runKit } from "./kit.ts";

/** drizzle-kit itself and the built ds, for a folder called `drizzle` in a project without anything else. */
export function byCommand(format: FolderFormat, project: string, home: string): Appliers {
  installKit(format === "v0" ? "0.31" : "1.0", project);
  writeFileSync(
    join(project, "drizzle.config.js"),
    `export default { dialect: "postgresql", out: "./drizzle", dbCredentials: { url: process.env.DATABASE_URL } };`,
  );
  writeFileSync(join(project, "package.json"), `{ "name": "folders", "type": "module" }`);
  return {
    drizzle: (url, folder) => runKit(dirname(folder), url, "migrate"),
    ds: async (url, folder) => {
      const args = ["db", "migrate", "--db", url, "--json"];
      const { stdout } = await startDs(dirname(folder), args, { DS_HOME: home }).ended;
      const { error } = JSON.parse(stdout) as { error?: { code: ErrorCode; message: string } };
      if (error !== undefined) throw new DsError(error.code, error.message);
    },
  };
}
