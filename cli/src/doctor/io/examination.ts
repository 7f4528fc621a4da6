import { toDsError } from "../../errors/to-ds-error.ts";
import type { Finding } from "../findings.ts";

/** Collects what checks find. A check that fails is a problem found, with the failure's own words. */
export class Examination {
  readonly findings: Finding[] = [];

  ok(check: string, says: string): void {
    this.findings.push({ check, health: "ok", says });
  }

  warn(check: string, says: string, fix: string): void {
    this.findings.push({ check, health: "warning", says, fix });
  }

  /** Whether that was looked at and found usable. */
  passed(check: string): boolean {
    return this.findings.some((found) => found.check === check && found.health !== "problem");
  }

  /** Whether there was nothing to say against it. */
  isWell(check: string): boolean {
    return this.findings.some((found) => found.check === check && found.health === "ok");
  }

  add(finding: Finding): void {
    this.findings.push(finding);
  }

  /** The result of the work; undefined when that fails, or could not be done without `needs`. */
  async check<T, N>(
    check: string,
    needs: N | undefined,
    work: (needs: N) => Promise<T>,
  ): Promise<T | undefined> {
    if (needs === undefined) {
      this.findings.push({ check, health: "skipped", says: "not checked" });
      return undefined;
    }
    try {
      return await work(needs);
    } catch (error) {
      const { code, message, hint } = toDsError(error);
      if (code === "INTERRUPTED") throw error;
      const fix = hint === undefined ? {} : { fix: hint };
      this.findings.push({ check, health: "problem", says: message, ...fix, code });
      return undefined;
    }
  }
}
