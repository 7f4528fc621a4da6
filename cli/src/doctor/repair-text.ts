import type { RepairReport } from "../engine/contract.ts";
import { plural } from "../lib/format/plural.ts";

/** What a repair has done. */
export interface Repaired extends Omit<RepairReport, "type"> {
  home: string;
}

export const repairSteps = (repairs: RepairReport["repairs"]): string =>
  repairs.map(({ says }) => `  ${says}`).join("\n");

export const repairText = ({ home, repairs }: Repaired): string =>
  repairs.length === 0
    ? `Nothing is damaged in ${home}.`
    : `Made ${plural(repairs.length, "repair")} in ${home}. What was replaced is kept in ${home}/quarantine.`;
