import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "../bootstrap.mjs";

interface TestResult {
  fullName: string;
  status: string;
  tags: string[];
}

interface Report {
  testResults: { message: string; assertionResults: TestResult[] }[];
}

/** Runs a file of scripts/test/fixtures in a Vitest of its own: its status, its tests, and why it could not be loaded. */
export async function runFixture(name: string, env: NodeJS.ProcessEnv, ...args: string[]) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const fixtures = "scripts/test/fixtures";
  const config = ["--config", join(root, fixtures, "vitest.config.ts"), "--reporter=json"];
  const child = spawn(
    process.execPath,
    [vitest, "run", ...config, ...args, join(fixtures, `${name}.ts`)],
    {
      cwd: root,
      env: { ...process.env, TEST_TOOLS: undefined, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const { testResults } = JSON.parse(output) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return { status, tests, complaint: testResults.map(({ message }) => message).join("\n") };
}
