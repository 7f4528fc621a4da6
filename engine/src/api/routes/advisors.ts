import { Hono } from "hono";
import { unprocessable } from "../../lib/engine-error.ts";
import { advisorsQuery } from "../requests/content-schemas.ts";
import type { ApiEnv } from "../requests/env.ts";
import { idParam, readQuery } from "../requests/read.ts";

/** What is worth a look in a database. The cloud wants the Data API enabled first. */
export const advisors = new Hono<ApiEnv>();

const severities = ["INFO", "WARN", "ERROR"];

advisors.get("/projects/:project/advisors", async (c) => {
  const projectId = idParam(c, "project");
  const { branch_id, database_name, category, min_severity } = readQuery(c, advisorsQuery);
  const controlPlane = c.get("controlPlane");
  const branchId =
    branch_id ?? controlPlane.listBranches(projectId).find((branch) => branch.default)?.id ?? "";
  const database = database_name ?? (await onlyDatabase(projectId, branchId));
  const found = await controlPlane.readAdvice(projectId, branchId, database);
  const least = severities.indexOf(min_severity);
  return c.json({
    issues: found
      .filter(({ level }) => severities.indexOf(level) >= least)
      .filter(({ categories }) => category === undefined || categories.includes(category)),
  });

  async function onlyDatabase(projectId: string, branchId: string): Promise<string> {
    const [first, ...others] = await controlPlane.listDatabases(projectId, branchId);
    if (first === undefined || others.length > 0) {
      throw unprocessable(
        "DATABASE_NAME_REQUIRED",
        "the branch does not have exactly one database: name one as database_name",
      );
    }
    return first.name;
  }
});
