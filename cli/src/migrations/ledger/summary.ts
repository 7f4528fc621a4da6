import type { MigrationStates } from "./compare.ts";
import { rowName } from "./compare.ts";

/** How folder and ledger stand, by name, as `--json` has it. */
export interface LedgerSummary {
  pending: string[];
  late: string[];
  edited: string[];
  unknown: string[];
}

export function summarize({ edited, late, pending, unknown }: MigrationStates): LedgerSummary {
  const names = (migrations: { name: string }[]) => migrations.map(({ name }) => name);
  return {
    pending: names(pending),
    late: names(late),
    edited: names(edited),
    unknown: unknown.map(rowName),
  };
}
