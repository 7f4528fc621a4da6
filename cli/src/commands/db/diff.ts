import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";
import { asOwner } from "../../postgres/schema/agent-owners.ts";
import { schemaChanges } from "../../postgres/schema/diff.ts";
import { withoutOwnObjects } from "../../postgres/schema/own-objects.ts";
import { countsText, patchText, schemaDiffText } from "../../postgres/schema/text.ts";

interface Flags {
  sql: boolean;
}

/** How the stage's schema differs from that of its project's main; a difference is no failure. */
export default async function diff(
  context: AppContext,
  flags: Flags,
  stage?: string,
): Promise<void> {
  const { neon, output } = context;
  const target = await context.target(stage);
  const { project, branch, main } = target;
  const { database, role } = await target.login();
  const api = await neon();
  const document = {
    stage: target.stage.name,
    branch: { id: branch.id, name: branch.name },
    base: { id: main.id, name: main.name },
    database,
  };
  if (branch.id === main.id) {
    const text = `${main.name} is what stages are compared with: no difference`;
    output.result({ ...document, equal: true, changes: [] }, text);
    return;
  }
  const [before, after] = await output.step(
    `Reading the schemas of ${main.name} and ${branch.name}`,
    () => Promise.all([main, branch].map((each) => api.schema(project.id, each, database))),
  );
  const [base, changed] = [before, after].map((dump) =>
    asOwner(withoutOwnObjects(dump as string), role),
  ) as [string, string];
  const changes = schemaChanges(base, changed);
  if (changes.length === 0) {
    const text = `No difference: ${branch.name} has the schema of ${main.name}`;
    output.result({ ...document, equal: true, changes }, text);
    return;
  }
  const sql = flags.sql ? await patchOf(database, base, changed) : undefined;
  output.note(`${branch.name} compared with ${main.name}: ${countsText(changes)}`);
  output.result(
    { ...document, equal: false, changes, ...(sql === undefined ? {} : { sql }) },
    (style) => (sql === undefined ? schemaDiffText(changes, style) : patchText(sql, style)),
  );
}

async function patchOf(database: string, base: string, changed: string): Promise<string> {
  const { schemaPatch } = await import("../../postgres/schema/patch.ts");
  const patch = schemaPatch(database, base, changed);
  if (patch !== undefined) return patch;
  throw new DsError("UPSTREAM", "the two schemas differ too much to be compared line by line", {
    hint: "See the difference object by object: leave out --sql",
  });
}
