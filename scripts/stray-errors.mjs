import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A Vitest reporter that counts the errors which no test has caught: the JSON report leaves them out. */
export default class StrayErrors {
  /**
   * @param {unknown} _modules
   * @param {readonly unknown[]} errors
   */
  onTestRunEnd(_modules, errors) {
    const run = process.env.DS_TEST_RUN;
    if (run) writeFileSync(join(run, "stray-errors"), String(errors.length));
  }
}
