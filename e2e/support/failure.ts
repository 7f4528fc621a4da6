import { expect } from "vitest";
import type { Checkout } from "./checkout.ts";
import { ended } from "./run.ts";

export interface ClearFailure {
  /** Exit status. */
  status: number;
  code: string;
  /** Where the code covers several cases. */
  reason?: string;
  /** What the message or its hint has to name: a flag, a value, a file, a command to go on with. */
  names?: string[];
}

/**
 * Runs a command that has to fail with one clear message, as text and as JSON alike. Returns everything that
 * was printed. (The document of `ds db migrate` holds its other keys on failure, too.)
 */
export async function endedClearly(
  checkout: Checkout,
  args: string[],
  { status, code, reason, names = [] }: ClearFailure,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const text = ended(await checkout.run(args, { env }), status);
  expect(text.stdout).toBe("");
  for (const name of names) expect(text.stderr).toContain(name);
  expect(text.stderr.match(/^error:/gm), text.stderr).toHaveLength(1);
  expect(text.stderr).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);

  const json = ended(await checkout.run([...args, "--json"], { env }), status);
  const document = JSON.parse(json.stdout) as { error: { code: string; reason?: string } };
  if (args[1] !== "migrate") expect(Object.keys(document)).toEqual(["error"]);
  expect(document.error).toMatchObject({ code, ...(reason ? { reason } : {}) });
  const written = JSON.stringify(document);
  for (const name of names) expect(written).toContain(JSON.stringify(name).slice(1, -1));
  return text.stdout + text.stderr + json.stdout + json.stderr;
}
