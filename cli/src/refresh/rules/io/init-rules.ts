import { chmod, readFile, stat } from "node:fs/promises";
import type { HasConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { plural } from "../../../lib/format/plural.ts";
import { shownPath } from "../../../lib/format/shown-path.ts";
import { writeFileAtomic } from "../../../lib/io/write-file-atomic.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget } from "../../../stages/io/target.ts";
import { ledgerTables, readCatalogue } from "../../model/io/read-catalogue.ts";
import { propose } from "../propose.ts";
import { proposalText, withSection } from "../propose-text.ts";
import { sampleShapes } from "./sample-shapes.ts";

export interface ProposedRules {
  document: Record<string, unknown>;
  /** Where they were written, or the section for a person to put in. */
  text: string;
}

/**
 * `--init`: a first set of rules out of main's catalogue, which has the tables that production has. Values
 * are looked at by the server alone: whether they look like addresses, never what they are.
 */
export async function initRules(
  context: Pick<Runtime, "cwd" | "output"> & HasConfig & HasTarget,
): Promise<ProposedRules> {
  const { output, cwd } = context;
  const config = await context.config();
  const main = await context.target("main");
  output.note(`branch ${main.branch.name} of ${main.project.name}: names, types and foreign keys`);
  const proposal = await withPostgres(
    await main.connectionUrl(),
    { what: `branch ${main.branch.name}` },
    async (client) => {
      const without = ledgerTables(config.migrations);
      const catalogue = await readCatalogue(client, { what: "main", without });
      return propose(catalogue, await sampleShapes(client, catalogue));
    },
  );
  if (!proposal) {
    throw new DsError("NOT_FOUND", "no table looks like that of the organizations", {
      reason: "NO_TENANT_TABLE",
      hint: "Write `refresh: { tenant: { table, column, demo } }` into ds.config.ts by hand; --plan says what is missing then.",
    });
  }
  const stage = Object.entries(config.stages).find(
    ([, { project }]) => project !== config.project,
  )?.[0];
  const section = proposalText(proposal, stage);
  const counts = `${plural(Object.keys(proposal.tables).length, "table")} and ${plural(Object.keys(proposal.columns).length, "column")} to look at`;
  const file = config.file;
  const written =
    file !== undefined && config.refresh === undefined && (await write(file, section));
  const document = { written: written ? file : null, section, ...proposal };
  if (written) {
    const text = `Wrote the section \`refresh\` into ${shownPath(file, cwd)}: ${counts}. Then: ds db refresh-staging --plan`;
    return { document, text };
  }
  output.note(
    config.refresh !== undefined && file !== undefined
      ? `${shownPath(file, cwd)} has a section \`refresh\` already, and was left as it is. This is what it would be:`
      : "Put this into defineConfig({ ... }) of ds.config.ts, and `mask` into its import:",
  );
  return { document, text: section };
}

/** False where the file is written in a way of its own: then a person has to put it in. */
async function write(file: string, section: string): Promise<boolean> {
  const next = withSection(await readFile(file, "utf8"), section);
  if (next === undefined) return false;
  // Others read the file, too: it keeps its mode.
  const { mode } = await stat(file);
  await writeFileAtomic(file, next);
  await chmod(file, mode);
  return true;
}
