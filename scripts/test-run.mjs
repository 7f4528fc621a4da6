import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { note, root } from "./bootstrap.mjs";
import { reapLeftovers } from "./leaks.mjs";
import { makeRunFolder } from "./run-folder.mjs";

/** Files that fail in one run; more than that is no accident. */
const mostRepeated = 3;

/**
 * @typedef {{ name: string, status: string, message?: string, assertionResults: TestResult[] }} FileResult
 * @typedef {{ fullName: string, status: string, tags?: string[], meta?: { needs?: string }, failureMessages?: string[] }} TestResult
 * @typedef {{ satisfied: boolean, strayErrors: number, files: FileResult[] }} Tests
 * `satisfied` is Vitest's own verdict; stray errors are those that no test has caught.
 */

/** One run of the workspace's checks and tests, in a folder of its own in which nothing may be left. */
export class TestRun {
  /** @type {string[]} */
  #failedChecks = [];
  #interrupted = false;
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #current;
  #folder;
  #tag;

  /** @param {{ withTools: boolean }} options of the tests only those that need tools, or all without the tools */
  constructor({ withTools }) {
    this.#folder = makeRunFolder({ withTools });
    this.#tag = withTools ? "tools" : undefined;
    // A terminal sends Ctrl-C to the tools as well; what is sent to this process alone is passed on.
    process.on("SIGINT", () => {
      this.#interrupted = true;
    });
    for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"])) {
      process.on(signal, () => {
        this.#interrupted = true;
        this.#current?.kill(signal);
      });
    }
  }

  /**
   * Does the work and removes the folder; gives the exit status.
   *
   * @param {() => Promise<number>} work
   */
  async perform(work) {
    try {
      return await work();
    } catch (error) {
      note(error instanceof Error ? error.message : String(error));
      return 1;
    } finally {
      this.#folder.remove();
    }
  }

  /**
   * One of the workspace's tools, whose verdict is one of the run.
   *
   * @param {string} name
   * @param {string} tool
   * @param {string[]} args
   */
  async check(name, tool, args) {
    if (!(await this.#satisfies(tool, args))) this.#failedChecks.push(name);
  }

  /**
   * The tests, what they have left, and the closing line, which begins with `title`.
   *
   * @param {string} title
   * @param {string[]} args Vitest's
   */
  async test(title, args) {
    const first = await this.#runVitest(args);
    const again = this.#filesToRepeat(first);
    for (const { name } of again) note(`failed, and tried again alone: ${relative(root, name)}`);
    const repeat = async () =>
      repeated(first, await this.#runVitest(again.map(({ name }) => name)));
    const tests = again.length > 0 ? await repeat() : first;
    const leaks = await reapLeftovers(this.#folder);
    for (const leak of leaks) note(`left behind: ${leak}`);
    if (leaks.length > 0) this.#failedChecks.push("leftovers");
    for (const line of this.#skipped(tests)) note(`skipped: ${line}`);
    // Here at the end once more: of a long output often only the end is kept.
    for (const line of this.#failures(first)) {
      note(`${again.length > 0 ? "failed at first" : "failed"}: ${line}`);
    }
    if (again.length > 0) {
      for (const line of this.#failures(tests)) note(`failed: ${line}`);
    }
    for (const name of this.#failedChecks) note(`failed: ${name}`);
    if (again.length > 0 && tests.satisfied)
      note("all of it passed, but some only when tried again");
    if (this.#interrupted) return 130;

    const { passed, failed, skipped } = this.#count(tests);
    const allFailed = failed + this.#failedChecks.length;
    process.stdout.write(`${title}${passed} passed, ${allFailed} failed, ${skipped} skipped\n`);
    return allFailed === 0 ? 0 : 1;
  }

  /**
   * @param {string} tool
   * @param {string[]} args
   */
  async #satisfies(tool, args) {
    if (this.#interrupted) return false;
    this.#current = spawn(join(root, "node_modules", ".bin", tool), args, {
      cwd: root,
      env: this.#folder.env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const [status] = await once(this.#current, "close");
    return status === 0;
  }

  /**
   * @param {string[]} args
   * @returns {Promise<Tests>}
   */
  async #runVitest(args) {
    const report = join(this.#folder.path, "report.json");
    rmSync(report, { force: true });
    const reporters = ["default", "./scripts/stray-errors.mjs", "json"];
    const options = [
      ...reporters.map((name) => `--reporter=${name}`),
      `--outputFile.json=${report}`,
      ...(this.#tag ? [`--tags-filter=${this.#tag}`] : []),
    ];
    const satisfied = await this.#satisfies("vitest", ["run", ...options, ...args]);
    const strayErrors = Number(readWhole(join(this.#folder.path, "stray-errors")) ?? 1);
    return { satisfied, strayErrors, files: readReport(report) };
  }

  /**
   * Real servers on a shared machine: in CI a few files may try once more. Whole files, as the tests of
   * one go on with what the others have left; and only here, where the first failure stays to be read.
   *
   * @param {Tests} tests
   */
  #filesToRepeat({ strayErrors, files }) {
    const failed = files.filter(({ status }) => status === "failed");
    // Nobody knows which file a stray error belongs to.
    const isWorthIt = strayErrors === 0 && failed.length <= mostRepeated;
    return process.env.CI && !this.#interrupted && isWorthIt ? failed : [];
  }

  /**
   * Those of a file that this run is about.
   *
   * @param {FileResult} file
   */
  #ours({ assertionResults }) {
    const tag = this.#tag;
    return tag ? assertionResults.filter(({ tags }) => tags?.includes(tag)) : assertionResults;
  }

  /**
   * What this machine lacks, by the names of the tests that need it.
   *
   * @param {Tests} tests
   */
  #skipped({ files }) {
    return files.flatMap((file) =>
      this.#ours(file)
        .filter(({ meta }) => meta?.needs)
        .map(({ fullName }) => `${relative(root, file.name)}: ${fullName.trim()}`),
    );
  }

  /**
   * What failed and the first lines of why.
   *
   * @param {Tests} tests
   */
  #failures({ files, strayErrors }) {
    const lines = files
      .filter(({ status }) => status === "failed")
      .flatMap((file) => {
        const failed = this.#ours(file).filter(({ status }) => status === "failed");
        const whole = [{ fullName: "the file", failureMessages: [file.message ?? ""] }];
        return (failed.length > 0 ? failed : whole).map(
          ({ fullName, failureMessages = [] }) =>
            `${relative(root, file.name)}: ${fullName.trim()}: ${beginning(failureMessages.join("\n"))}`,
        );
      });
    return strayErrors > 0 ? [...lines, `${strayErrors} errors that no test caught`] : lines;
  }

  /**
   * A file that could not even be loaded, or whose hooks failed, counts as one failed test; so does a
   * run that failed for another reason (an unhandled rejection), or left no report.
   *
   * @param {Tests} tests
   */
  #count({ satisfied, files }) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const file of files) {
      const failedBefore = counts.failed;
      for (const { status } of this.#ours(file)) {
        if (status === "passed") counts.passed += 1;
        else if (status === "failed") counts.failed += 1;
        else counts.skipped += 1;
      }
      if (file.status === "failed" && counts.failed === failedBefore) counts.failed += 1;
    }
    if (!satisfied && counts.failed === 0) counts.failed = 1;
    return counts;
  }
}

/** @param {string} text */
function beginning(text) {
  return text.split("\n").slice(0, 6).join("\n    ").slice(0, 1000);
}

/**
 * @param {Tests} first
 * @param {Tests} second of the files that failed in the first
 * @returns {Tests}
 */
function repeated(first, second) {
  const passed = first.files.filter(({ status }) => status !== "failed");
  return { ...second, files: [...passed, ...second.files] };
}

/**
 * @param {string} path
 * @returns {FileResult[]}
 */
function readReport(path) {
  try {
    return JSON.parse(readWhole(path) ?? "").testResults;
  } catch {
    return [];
  }
}

/** @param {string} path */
function readWhole(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
