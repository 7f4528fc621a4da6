import { Hono } from "hono";
import { EngineError } from "../errors.ts";
import type { ApiEnv } from "./context.ts";
import { idParam } from "./request.ts";

/**
 * Not answered with 404: `neon diff` takes that for an empty schema, and would report two branches as
 * equal that are not.
 */
export const schema = new Hono<ApiEnv>();

for (const route of ["schema", "compare_schema"]) {
  schema.get(`/projects/:project/branches/:branch/${route}`, (c) => {
    c.get("controlPlane").getBranch(idParam(c, "project"), idParam(c, "branch"));
    throw new EngineError(
      501,
      "",
      "this engine cannot read a branch's schema yet; connect to the branch and use pg_dump --schema-only",
    );
  });
}
