import { expect } from "vitest";
import type { Checkout } from "./checkout.ts";
import { ended } from "./run.ts";

/**
 * Runs a command that has to fail with `status` and one clear message, as text and as JSON alike.
 * Returns everything that was printed. (The document of `ds db migrate` holds its other keys on
 * failure, too.)
 */
export async function endedClearly(
  checkout: Checkout,
  args: string[],
  status: number,
  message: RegExp,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const text = ended(await checkout.run(args, { env }), status);
  expect(text.stdout).toBe("");
  expect(text.stderr).toMatch(message);
  expect(text.stderr.match(/^error:/gm), text.stderr).toHaveLength(1);
  expect(text.stderr).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);

  const json = ended(await checkout.run([...args, "--json"], { env }), status);
  const document = JSON.parse(json.stdout) as { error: { code: string; message: string } };
  if (args[1] !== "migrate") expect(Object.keys(document)).toEqual(["error"]);
  expect(document.error.code).toMatch(/^[A-Z_]+$/);
  expect(`${document.error.message}\n${json.stdout}`).toMatch(message);
  return text.stdout + text.stderr + json.stdout + json.stderr;
}
