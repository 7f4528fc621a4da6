import { expect, test } from "vitest";
import { toPlan } from "./from-api.ts";

const owner = (subscription_type: string, branches_limit: number) =>
  ({ owner: { email: "", name: "", branches_limit, subscription_type } }) as Parameters<
    typeof toPlan
  >[0];

test.each([
  ["a plan with a limit", owner("launch_v3", 10), { name: "launch_v3", branches: 10 }],
  ["a plan without one", owner("scale_v3", 0), { name: "scale_v3", branches: undefined }],
  ["no plan", owner("UNKNOWN", 1_000_000), { name: undefined, branches: undefined }],
  ["nothing is told", {}, { name: undefined, branches: undefined }],
])("%s", (_, project, plan) => {
  expect(toPlan(project)).toEqual(plan);
});
