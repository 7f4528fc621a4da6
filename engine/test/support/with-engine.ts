import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type TestBranch, TestProject } from "./branches.ts";
import { openTestEngine, type TestEngine } from "./test-engine.ts";

export interface EngineAndProject {
  engine: TestEngine;
  project: TestProject;
}

/** One engine for the file, with a project in it. */
export function withEngine(
  setUp: (fresh: EngineAndProject) => unknown,
  settings: Record<string, unknown> = {},
): void {
  let engine: TestEngine | undefined;
  beforeAll(async () => {
    engine = await openTestEngine();
    await setUp({ engine, project: await TestProject.create(engine, settings) });
  });
  afterAll(() => engine?.close());
}

/** For each test a branch of main, which the test may delete itself. */
export function withBranch(project: () => TestProject, setUp: (fresh: TestBranch) => void): void {
  let count = 0;
  let branch: TestBranch | undefined;
  beforeEach(async () => {
    count += 1;
    branch = await project().branch(`branch-${count}`);
    setUp(branch);
  });
  afterEach(async () => {
    const isThere = (await project().list()).some(({ id }) => id === branch?.id);
    if (branch && isThere) await project().delete(branch);
  });
}
