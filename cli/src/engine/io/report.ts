import type { ChildProcess } from "node:child_process";
import { DsError, exitStatus } from "../../errors/ds-error.ts";
import type { StartReport } from "../contract.ts";

type Failed = Extract<StartReport, { type: "failed" }>;

/** What the engine's program says over its IPC channel; its failure is this command's. */
export function reportOf<Report extends { type: string }>(
  child: ChildProcess,
  hint: string,
): Promise<Report> {
  return new Promise((said, failed) => {
    child.on("error", (cause) => {
      const message = `the local engine could not be started: ${cause.message}`;
      failed(new DsError("UPSTREAM", message, { cause }));
    });
    child.on("exit", (code, by) => {
      const message = `the local engine ended while starting (${by ?? `exit ${code}`})`;
      failed(new DsError("UPSTREAM", message, { hint }));
    });
    child.on("message", (report: Report | Failed) => {
      if (!isFailed(report)) return said(report);
      // An engine of another version may know a code that this command does not.
      const code = report.code in exitStatus ? report.code : "UPSTREAM";
      const { message, reason } = report;
      failed(new DsError(code, message, { hint: report.hint ?? hint, ...(reason && { reason }) }));
    });
  });
}

const isFailed = (report: { type: string }): report is Failed => report.type === "failed";
