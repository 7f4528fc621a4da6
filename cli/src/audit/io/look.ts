import { DsError } from "../../errors/ds-error.ts";
import { auditDocument, type Looked } from "../report.ts";
import type { AuditContext } from "./audit-context.ts";
import { openAudit } from "./open-audit.ts";

/** Everything, read and judged once; without the branches it is worth nothing. */
export async function look(context: AuditContext): Promise<Looked> {
  const audit = await openAudit(context);
  const sources = await audit.read();
  const now = Date.now();
  const looked = { sources, all: audit.judge(sources, now), now };
  if (sources.branches.state === "unknown") {
    throw new DsError("UPSTREAM", `the branches cannot be read: ${sources.branches.why}`, {
      reason: "SOURCE_UNKNOWN",
      details: { source: "branches", report: auditDocument(looked) },
    });
  }
  return looked;
}
