import { askPages, diffRows, type RowDiff } from "../../../branches/io/diff-rows.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import { stageOrBranch } from "../../../stages/io/stage-or-branch.ts";
import type { Target } from "../../../stages/io/target.ts";
import type { ExecServices } from "./services.ts";

/** How many rows of each table are others than those of the branch that the run's branch was forked from. */
export interface ChangedRows {
  /** The branch that they are compared with, as it is now. */
  base: string;
  tables: RowDiff["tables"];
  leftOut: RowDiff["leftOut"];
}

/** Where all rows of both sides would be read, a branch that is larger is compared only if somebody asks for it. */
const mostBytes = 1024 ** 3;

/** Undefined where rows are not compared, which is said: the command has run, and its status is what counts. */
export async function changedRows(
  services: ExecServices,
  target: Target,
): Promise<ChangedRows | undefined> {
  const { branch, branches } = target;
  const { output } = services;
  const parent = branches.find(({ id }) => id === branch.parentId);
  if (parent === undefined) return undefined;
  try {
    const base = await stageOrBranch(services, { branch: parent.name });
    const isLarge = (branch.logicalSizeBytes ?? 0) > mostBytes;
    if (isLarge && typeof (await askPages(services, { base, branch: target })()) === "string") {
      output.note(
        `Rows are not compared, as ${branch.name} has ${formatBytes(branch.logicalSizeBytes ?? 0)}. ` +
          `Of a branch that is kept: ds db diff --data --target ${target.stage.name} --against ${parent.name}`,
      );
      return undefined;
    }
    const wanted = { tables: [], limit: 0, full: false };
    const { tables, leftOut } = await diffRows(services, { base, branch: target }, wanted);
    return { base: parent.name, tables, leftOut };
  } catch (error) {
    output.warn(`the rows that it changed cannot be told: ${(error as Error).message}`);
    return undefined;
  }
}
