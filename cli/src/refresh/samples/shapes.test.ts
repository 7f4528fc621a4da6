import { expect, test } from "vitest";
import { shapedSql } from "./shapes.ts";

test("no stage asks for more patterns than a server keeps compiled", () => {
  const stages = shapedSql("(select v from t)").split(" from (select s.v");
  const counts = stages.map((stage) => new Set(stage.match(/ ~ E?'(''|[^'])*'/g)).size);
  expect(counts.length).toBeGreaterThan(2);
  expect(Math.max(...counts)).toBeLessThanOrEqual(30);
});
