import { expect, test } from "vitest";
import { aBranch } from "../../test/helpers/branch.ts";
import { stageNamed } from "../stages/stage.ts";
import { resetQuestion, restoreQuestion, undoQuestion } from "./questions.ts";

// What a person reads before data is exchanged: what will be, and what is lost.

const now = Date.parse("2026-11-23T12:00:00Z");
const branch = aBranch({ createdAt: "2026-11-22T12:00:00Z", logicalSizeBytes: 2 ** 20 });
const main = aBranch({ id: "br-main", name: "main", parentId: undefined, default: true });
const subject = { stage: stageNamed("phil-local", { project: "p", stages: {} }), branch, main };

test("reset", () => {
  expect(resetQuestion(subject, now)).toBe(
    "Reset stage phil-local (branch dev-phil-local, 1.0 MB) to main as it is now? " +
      "What was written to it since it was created (1d ago) is lost " +
      "(a recovery point keeps it for 24 hours), and its open sessions are dropped.",
  );
  const again = aBranch({ lastResetAt: "2026-11-23T09:00:00Z" });
  expect(resetQuestion({ ...subject, branch: again }, now)).toContain(
    "(branch dev-phil-local) to main as it is now? What was written to it since it was reset (3h ago) is lost",
  );
});

test("restore", () => {
  expect(restoreQuestion(subject, "position 0/1A")).toBe(
    "Restore stage phil-local (branch dev-phil-local, 1.0 MB) to position 0/1A? " +
      "What was written to it since is lost (a recovery point keeps it), and its open sessions are dropped.",
  );
});

test("undo", () => {
  const at = new Date("2026-11-23T11:00:00Z");
  const point = aBranch({ name: "dev-phil-local-before-restore-20261123110000000" });
  const since =
    "What was written since is lost (a recovery point keeps it, and undo brings it back), and open sessions are dropped.";
  expect(undoQuestion(subject, { what: "restore", at, point }, now)).toBe(
    "Undo the restore of 2026-11-23T11:00:00.000Z (1h ago) on stage phil-local (branch dev-phil-local, 1.0 MB)? " +
      `It brings back what is kept as ${point.name}. ${since}`,
  );
  const migrate = { what: "migrate" as const, at, timestamp: at.toISOString() };
  expect(undoQuestion(subject, migrate, now)).toContain(
    `It brings back what the branch held just before it. ${since}`,
  );
});
