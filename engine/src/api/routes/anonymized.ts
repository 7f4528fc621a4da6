import { type Context, Hono } from "hono";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import type { ApiEnv } from "../requests/env.ts";
import { anonymizedCreate, maskingRulesUpdate } from "../requests/masking-schemas.ts";
import { idParam, readBody } from "../requests/read.ts";
import { anonymizedStatusResponse } from "../responses/anonymized.ts";
import { bundleResponse, createInput } from "./branches.ts";

/** Branches whose data is masked. */
export const anonymized = new Hono<ApiEnv>();

anonymized.post("/projects/:project/branch_anonymized", async (c) => {
  const projectId = idParam(c, "project");
  const wanted = await readBody(c, anonymizedCreate);
  const controlPlane = c.get("controlPlane");
  const made = await controlPlane.anonymized.create(
    {
      projectId,
      rules: (wanted.masking_rules ?? []).map(withoutUndefined),
      start: wanted.start_anonymization ?? false,
    },
    createInput({
      branch: wanted.branch_create?.branch,
      endpoints: wanted.branch_create?.endpoints,
      annotation_value: wanted.annotation_value,
    }),
  );
  return c.json(bundleResponse(made, controlPlane), 201);
});

const rulesPath = "/projects/:project/branches/:branch/masking_rules";

anonymized.get(rulesPath, (c) => c.json({ masking_rules: status(c).now.rules }));

anonymized.patch(rulesPath, async (c) => {
  const [projectId, branchId] = [idParam(c, "project"), idParam(c, "branch")];
  const { masking_rules } = await readBody(c, maskingRulesUpdate);
  const rules = masking_rules.map(withoutUndefined);
  return c.json({
    masking_rules: await c.get("controlPlane").anonymized.setRules(projectId, branchId, rules),
  });
});

anonymized.get("/projects/:project/branches/:branch/anonymized_status", (c) =>
  c.json(anonymizedStatusResponse(status(c))),
);

anonymized.post("/projects/:project/branches/:branch/anonymize", async (c) => {
  await c.get("controlPlane").anonymized.start(idParam(c, "project"), idParam(c, "branch"));
  return c.json(anonymizedStatusResponse(status(c)));
});

function status(c: Context<ApiEnv>) {
  const { anonymized: transitions } = c.get("controlPlane");
  return transitions.status(idParam(c, "project"), idParam(c, "branch"));
}
