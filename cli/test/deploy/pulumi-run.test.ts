import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pulumiIn } from "../../src/deploy/pulumi/io/run-pulumi.ts";
import { withScratchFolder } from "../helpers/scratch.ts";

const scratch = withScratchFolder();

test("after Ctrl-C no Pulumi is started any more", async () => {
  const trace = join(scratch.path, "was-run");
  writeFileSync(join(scratch.path, "pulumi"), `#!/bin/sh\ntouch "${trace}"\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${scratch.path}:${process.env.PATH}` };
  await pulumiIn(scratch.path, { env, signal: new AbortController().signal }).run("looking", []);
  expect(existsSync(trace)).toBe(true);
  rmSync(trace);
  const stopped = pulumiIn(scratch.path, { env, signal: AbortSignal.abort() });
  await expect(stopped.run("bringing up the stack ci-pr-1", ["up"])).rejects.toMatchObject({
    code: "INTERRUPTED",
  });
  expect(existsSync(trace)).toBe(false);
});
