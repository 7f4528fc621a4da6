import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { limits } from "../../../scripts/test-support/limits.ts";
import { describeWith, longRun, testWith, tool } from "../../../scripts/test-support/needs.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";
import { copyShape } from "./copy-shape.ts";
import { betterAuth } from "./shapes/better-auth.ts";
import { logto } from "./shapes/logto.ts";
import { pretalx } from "./shapes/pretalx.ts";
import type { Shape } from "./shapes/shape.ts";

// Schemas of products as their own packages make them. Rules are few: of columns that they do not name, the
// plan's own advice is taken.

describeWith(longRun, "schemas out of packages", () => {
  let folder: string;
  let server: PostgresServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ds-test-packages-"));
    server = await startPostgres();
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.for<[string, (folder: string) => Promise<Shape | undefined>]>([
    ["better-auth (npm)", (path) => betterAuth(path, server.adminUrl())],
    ["Logto (npm)", logto],
  ])("%s", { timeout: limits.longTest }, ([, load], context) => isCopied(load, context));
  testWith(tool("python3"), "pretalx (PyPI)", { timeout: limits.longTest }, (_, context) =>
    isCopied(pretalx, context),
  );

  async function isCopied(
    load: (folder: string) => Promise<Shape | undefined>,
    { skip }: TestContext,
  ): Promise<void> {
    const shape = await load(mkdtempSync(join(folder, "package-")));
    if (shape === undefined) return skip("the package cannot be had here");
    const { problems, arrived, expected, personal, schema } = await copyShape(server, shape, true);
    expect(problems).toEqual([]);
    expect(Object.values(expected).filter((rows) => !rows.startsWith("0")).length).toBeGreaterThan(
      5,
    );
    expect(arrived).toEqual(expected);
    expect(personal).toEqual([]);
    expect(schema.after).toEqual(schema.before);
  }
});
