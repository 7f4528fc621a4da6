import { chmod, readFile, stat } from "node:fs/promises";
import type { HasConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { plural } from "../../../lib/format/plural.ts";
import { shownPath } from "../../../lib/format/shown-path.ts";
import { writeFileAtomic } from "../../../lib/io/write-file-atomic.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget } from "../../../stages/io/target.ts";
import { foreignKeysOf } from "../../rules/links-of.ts";
import type { SaidTenant } from "../propose.ts";
import { proposalText, withSection } from "../propose-text.ts";
import { ownersBySize } from "../tenant-candidates.ts";
import { type Looked, look } from "./look.ts";

export interface ProposedRules {
  document: ReturnType<typeof documentOf>;
  /** Where they were written, or the section for a person to put in. */
  text: string;
}

interface Written {
  /** The file that has the section now; null where a person has to put it in. */
  written: string | null;
  section: string;
  looked: Looked;
  proposal: NonNullable<Looked["proposal"]>;
}

/**
 * `--init`: a first set of rules. Values are looked at by the server alone: what they look like and how many
 * there are, never what they are.
 *
 * @param tenant the organizations' table, where somebody names it
 */
export async function initRules(
  context: Runtime & HasConfig & HasTarget & HasNeon & HasEngine,
  tenant: string | undefined,
): Promise<ProposedRules> {
  const { output, cwd } = context;
  const config = await context.config();
  const main = await context.target("main");
  const said: SaidTenant | undefined =
    tenant === undefined || tenant === config.refresh?.tenant.table
      ? config.refresh?.tenant
      : { table: tenant };
  const stage = Object.entries(config.stages).find(
    ([, { project }]) => project !== config.project,
  )?.[0];
  const looked = await look(context, main, { from: config.refresh?.from ?? stage, said });
  const { proposal, of, unseen, refused } = looked;
  output.note(`${of}: names, types, foreign keys, and what values look like`);
  for (const each of unseen) output.note(`not looked at: ${each}`);
  for (const { column, mask, constraint } of refused) {
    output.note(
      `${column}: ${constraint} does not allow the values of ${mask}; proposed is the next that it allows`,
    );
  }
  if (!proposal) throw noTenant(looked, said);
  const section = proposalText(proposal, config.refresh?.from ?? stage);
  const counts = `${plural(Object.keys(proposal.tables).length, "table")} and ${plural(Object.keys(proposal.columns).length, "column")} to look at`;
  const file = config.file;
  const written =
    file !== undefined && config.refresh === undefined && (await write(file, section));
  const document = documentOf({ written: written ? file : null, section, looked, proposal });
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

function documentOf({ written, section, looked, proposal }: Written) {
  const { of, unseen, unseenValues, refused } = looked;
  const { soft, columnRules, ...columnByColumn } = proposal;
  return { written, section, of, unseen, unseenValues, refused, ...columnByColumn, ...soft };
}

/** With what a person can choose from. */
function noTenant({ schema }: Looked, said: SaidTenant | undefined): DsError {
  const candidates = ownersBySize(foreignKeysOf(schema));
  const shown = candidates.map(({ table, column, tables }) => {
    const by = column === undefined ? "" : `, by ${column}`;
    return `  ${table} would own ${plural(tables, "table")}${by}`;
  });
  const [first] = candidates;
  return new DsError(
    "NOT_FOUND",
    said === undefined
      ? ["no table looks like that of the organizations", ...shown].join("\n")
      : [`there is no table ${said.table}`, ...shown].join("\n"),
    {
      reason: "NO_TENANT_TABLE",
      hint:
        first === undefined
          ? "Write `refresh: { tenant: { table, column, demo } }` into ds.config.ts by hand; --plan says what is missing then."
          : `Name the table: ds db refresh-staging --init --tenant ${first.table}`,
      details: { candidates },
    },
  );
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
