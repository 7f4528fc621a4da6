import { changedPolicy, droppedView, revoked, rowSecurity } from "./rules/application/access.ts";
import { changedType } from "./rules/application/changed-type.ts";
import {
  changedDefault,
  droppedDefault,
  nowNullable,
} from "./rules/application/dropped-default.ts";
import { renameColumn, renameOther, renameTable } from "./rules/application/rename.ts";
import { requiredColumn } from "./rules/application/required-column.ts";
import { stillSelected } from "./rules/application/still-selected.ts";
import { droppedConstraint, droppedIndex } from "./rules/application/taken-away.ts";
import {
  checkBlocks,
  domainScans,
  foreignKeyBlocks,
  notNullScans,
  uniqueBlocks,
  validatesAtOnce,
} from "./rules/blocking/constraints.ts";
import { dropIndexBlocks, indexBlocks, reindexBlocks } from "./rules/blocking/indexes.ts";
import { partitionBlocks, triggerBlocks } from "./rules/blocking/partitions.ts";
import {
  columnRewrites,
  refreshBlocks,
  tableRewrites,
  typeRewrites,
} from "./rules/blocking/rewrites.ts";
import {
  backfillWithChange,
  bigUpdate,
  severalAlters,
  workUnderLock,
} from "./rules/blocking/transactions.ts";
import { casts } from "./rules/data/casts.ts";
import { checkViolated } from "./rules/data/check.ts";
import { duplicates } from "./rules/data/duplicates.ts";
import { narrowing } from "./rules/data/narrowing.ts";
import { nulls } from "./rules/data/nulls.ts";
import { orphans } from "./rules/data/orphans.ts";
import { deleteAll } from "./rules/data-loss/delete-all.ts";
import { dropColumn } from "./rules/data-loss/drop-column.ts";
import { dropDatabase } from "./rules/data-loss/drop-database.ts";
import { dropSchema } from "./rules/data-loss/drop-schema.ts";
import { dropTable } from "./rules/data-loss/drop-table.ts";
import { dropType } from "./rules/data-loss/drop-type.ts";
import { truncate } from "./rules/data-loss/truncate.ts";
import { truncateCascade } from "./rules/data-loss/truncate-cascade.ts";
import { updateAll } from "./rules/data-loss/update-all.ts";
import type { Rule } from "./rules/rule.ts";
import {
  constrainedDomain,
  duplicateIndex,
  enumOrder,
  keyWithoutIndex,
  notRepeatable,
  wideIndex,
} from "./rules/style/indexes.ts";
import { longName } from "./rules/style/long-name.ts";
import { typeRules } from "./rules/style/types.ts";

/** Every rule, in the order of the list in docs. */
export const rules: readonly Rule[] = [
  dropTable,
  dropColumn,
  dropSchema,
  dropDatabase,
  dropType,
  truncate,
  truncateCascade,
  deleteAll,
  updateAll,
  narrowing,
  stillSelected,
  renameTable,
  renameColumn,
  renameOther,
  requiredColumn,
  droppedDefault,
  changedDefault,
  nowNullable,
  changedType,
  rowSecurity,
  changedPolicy,
  revoked,
  droppedView,
  droppedConstraint,
  droppedIndex,
  nulls,
  duplicates,
  checkViolated,
  orphans,
  casts,
  indexBlocks,
  dropIndexBlocks,
  reindexBlocks,
  foreignKeyBlocks,
  checkBlocks,
  uniqueBlocks,
  notNullScans,
  validatesAtOnce,
  domainScans,
  typeRewrites,
  columnRewrites,
  tableRewrites,
  refreshBlocks,
  partitionBlocks,
  triggerBlocks,
  workUnderLock,
  backfillWithChange,
  bigUpdate,
  severalAlters,
  longName,
  ...typeRules,
  keyWithoutIndex,
  duplicateIndex,
  wideIndex,
  notRepeatable,
  enumOrder,
  constrainedDomain,
];
