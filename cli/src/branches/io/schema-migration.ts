import type { HasEngine } from "../../engine/io/daemon.ts";
import { DsError } from "../../errors/ds-error.ts";
import { oneLine } from "../../lib/text/one-line.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import { asOwner } from "../../postgres/schema/agent-owners.ts";
import { schemaChanges } from "../../postgres/schema/diff.ts";
import { migrationBetween } from "../../postgres/schema/migration/io/migration-between.ts";
import type { SchemaMigration } from "../../postgres/schema/migration/text.ts";
import { isEmptyMigration, transactionText } from "../../postgres/schema/migration/text.ts";
import { withoutOwnObjects } from "../../postgres/schema/own-objects.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";
import { withSides } from "./diff-rows.ts";
import { removeOrphanedBranches, withEphemeralBranch } from "./ephemeral.ts";

type Context = Runtime & HasNeon & HasEngine;

interface Sides {
  base: Target;
  branch: Target;
}

interface Schemas {
  role: string;
  dumps: { base: string; branch: string };
  /** Of a branch, as it is now. */
  dump(branch: { id: string; name: string }): Promise<string>;
}

/**
 * The statements that make the base's schema the branch's.
 *
 * @param prove whether they are run on a throwaway copy of the base first, whose schema has to be the branch's then
 */
export async function schemaMigration(
  context: Context,
  sides: Sides,
  { prove }: { prove: boolean },
): Promise<SchemaMigration> {
  const { base, branch } = sides;
  const [from, to] = [base.branch.name, branch.branch.name];
  if (prove) await removeOrphanedBranches(context, base);
  const { migration, schemas } = await context.output.step(
    `Reading the schemas of ${from} and ${to}`,
    async () => {
      const schemas = await readSchemas(context, sides);
      const { role, dumps } = schemas;
      const migration = await withSides(context, sides, (clients) =>
        migrationBetween({
          base: { dump: dumps.base, client: clients.base },
          branch: { dump: dumps.branch, client: clients.branch },
          role,
        }),
      );
      return { migration, schemas };
    },
  );
  const [first, ...others] = migration.refusals;
  if (first !== undefined) {
    throw new DsError(
      "REFUSED",
      `no statements make the schema of ${from} that of ${to}: ${first}`,
      {
        reason: "SCHEMA_NOT_EXPRESSIBLE",
        hint: ["Change by hand what is named, then ask again.", ...others].join("\n"),
        details: { refused: migration.refusals },
      },
    );
  }
  if (prove && !isEmptyMigration(migration)) await proveOnCopy(context, base, schemas, migration);
  return migration;
}

async function readSchemas(context: HasNeon, { base, branch }: Sides): Promise<Schemas> {
  const { database, role } = await branch.login();
  const api = await context.neon();
  const dump = async (of: { id: string; name: string }) =>
    asOwner(withoutOwnObjects(await api.schema(base.project.id, of, database)), role);
  const [before, after] = await Promise.all([dump(base.branch), dump(branch.branch)]);
  return { role, dumps: { base: before, branch: after }, dump };
}

async function proveOnCopy(
  context: Context,
  base: Target,
  { dumps, dump }: Schemas,
  migration: SchemaMigration,
): Promise<void> {
  const { name: from } = base.branch;
  await context.output.step(`Trying the statements on a copy of ${from}`, () =>
    withEphemeralBranch(context, base, "schema-check", async ({ id, name, url }) => {
      const options = {
        what: `throwaway branch ${name}`,
        loopback: base.loopback,
        signal: context.signal,
      };
      await withPostgres(url, options, async (client) => {
        for (const sql of [...migration.apart, transactionText(migration)]) {
          await client.query(sql).catch((error: Error & { position?: string }) => {
            context.signal.throwIfAborted();
            throw unproven(
              "SQL_FAILED",
              `on a copy of ${from} they fail: ${error.message}${placeOf(sql, error.position)}`,
            );
          });
        }
      });
      const left = schemaChanges(await dump({ id, name }), dumps.branch, { columnOrder: false });
      if (left.length === 0) return;
      const names = left.map(
        ({ change, type, name: of, table }) => `${change} ${type} ${table ? `${table}.` : ""}${of}`,
      );
      throw unproven(
        "REFUSED",
        `on a copy of ${from} they leave a difference: ${names.join(", ")}`,
      );
    }),
  );
}

const unproven = (code: "SQL_FAILED" | "REFUSED", why: string): DsError =>
  new DsError(code, `the statements are not printed, as ${why}`, {
    reason: "MIGRATION_UNPROVEN",
    hint: "Print them all the same, to finish them by hand: --no-prove",
  });

/** The line of the statement that failed. */
function placeOf(sql: string, position: string | undefined): string {
  if (position === undefined) return "";
  const at = Number(position) - 1;
  const [line = ""] = sql.slice(sql.lastIndexOf("\n", at) + 1).split("\n");
  return ` (at: ${oneLine(line)})`;
}
