import type { Client } from "pg";
import { exchangedSql, type FileRow, filesSql } from "../files-sql.ts";
import {
  type ChangedPages,
  isWhole,
  type PagePlan,
  type PagesUnknown,
  planPages,
  type ReadWhole,
  type TableFile,
  type Way,
} from "../pages.ts";
import { type ComparedTable, shownTable } from "../shape.ts";

/** What the API says of the two sides; called once both are read as they are at one moment. */
export type AskPages = () => Promise<ChangedPages | PagesUnknown | "NOT_OFFERED">;

/** Which pages are to be read of each table. */
export interface PagePlans {
  readonly way: Way;
  /** Undefined: all of it. */
  of(table: ComparedTable): PagePlan | undefined;
  /** To be told what was done. */
  note(table: ComparedTable, plan: PagePlan | undefined, why?: ReadWhole): void;
}

export async function readPagePlans(
  sides: { base: Client; branch: Client },
  ask: AskPages | undefined,
): Promise<PagePlans> {
  if (!ask) return withoutPages("NOT_OFFERED");
  // Before it is asked: a file that is exchanged later is another one than what it tells of, or is told to be new.
  const [before, after] = await Promise.all([readFiles(sides.base), readFiles(sides.branch)]);
  const changed = await ask();
  if (typeof changed === "string") return withoutPages(changed);
  const way = {
    by: "pages" as const,
    forkedAt: changed.forkedAt,
    pagesRead: 0,
    pages: 0,
    whole: [] as { table: string; why: ReadWhole }[],
  };
  const filesOf = (table: ComparedTable) => {
    const id = idOf(table);
    return [before.get(id) ?? [], after.get(id) ?? []] as const;
  };
  const planOf = (table: ComparedTable) => planPages(table, ...filesOf(table), changed);
  return {
    way,
    of: (table) => {
      const plan = planOf(table);
      return isWhole(plan) ? undefined : plan;
    },
    note: (table, plan, why) => {
      if (plan) {
        way.pagesRead += plan.read;
        way.pages += plan.of;
        return;
      }
      const [old, now] = filesOf(table).map((files) =>
        files.reduce((sum, { pages }) => sum + pages, 0),
      );
      const pages = Math.max(old ?? 0, now ?? 0);
      way.pagesRead += pages;
      way.pages += pages;
      const planned = planOf(table);
      const reason = why ?? (isWhole(planned) ? planned : "REWRITTEN");
      if (pages > 0) way.whole.push({ table: shownTable(table), why: reason });
    },
  };
}

function withoutPages(why: (Way & { by: "hashes" })["why"]): PagePlans {
  return { way: { by: "hashes", why }, of: () => undefined, note: () => {} };
}

const idOf = ({ schema, name }: { schema: string; name: string }) => JSON.stringify([schema, name]);

async function readFiles(client: Client): Promise<Map<string, TableFile[]>> {
  const { rows } = await client.query<FileRow>(filesSql);
  const files = new Map<string, TableFile[]>();
  for (const { rootSchema, rootName, ...file } of rows) {
    const id = idOf({ schema: rootSchema, name: rootName });
    const known = files.get(id);
    if (known) known.push(file);
    else files.set(id, [file]);
  }
  return files;
}

/** Whether the files that were read are still those that were planned; they stay so until the transaction's end. */
export async function isAsPlanned(client: Client, { files }: PagePlan): Promise<boolean> {
  const { rows } = await client.query<{ exchanged: number }>(exchangedSql, [
    files.map(({ file }) => file.oid),
    files.map(({ file }) => file.filenode),
  ]);
  return rows[0]?.exchanged === 0;
}
