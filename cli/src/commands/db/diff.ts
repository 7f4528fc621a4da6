import type { AppContext } from "../../app-context.ts";
import { schemaChanges } from "../../postgres/schema/diff.ts";
import { countsText, patchText, schemaDiffText } from "../../postgres/schema/text.ts";

interface Flags {
  sql: boolean;
}

/** What ds keeps beside the ledger is no difference of the schemas that people write. */
const isOwnTable = (name: string) => /(^|\.)__ds_\w+$/.test(name);

/** How the stage's schema differs from that of its project's main; a difference is no failure. */
export default async function diff(
  context: AppContext,
  flags: Flags,
  stage?: string,
): Promise<void> {
  const { neon, output } = context;
  const target = await context.target(stage);
  const { project, branch, main } = target;
  const { database } = await target.login();
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
  const changes = schemaChanges(before as string, after as string).filter(
    ({ name, table }) => !isOwnTable(name) && !isOwnTable(table ?? ""),
  );
  if (changes.length === 0) {
    const text = `No difference: ${branch.name} has the schema of ${main.name}`;
    output.result({ ...document, equal: true, changes }, text);
    return;
  }
  const sql = flags.sql
    ? await api.schemaDiff(project.id, { base: main, branch }, database)
    : undefined;
  output.note(`${branch.name} compared with ${main.name}: ${countsText(changes)}`);
  output.result(
    { ...document, equal: false, changes, ...(sql === undefined ? {} : { sql }) },
    (style) => (sql === undefined ? schemaDiffText(changes, style) : patchText(sql, style)),
  );
}
