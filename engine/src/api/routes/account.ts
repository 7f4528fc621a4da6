import { Hono } from "hono";
import type { ApiEnv } from "../requests/env.ts";
import { readQuery } from "../requests/read.ts";
import { regionsQuery } from "../requests/schemas.ts";
import { organization, region } from "../responses/records.ts";

/** Nobody signs in to the engine; clients want a user, an organization and a region all the same. */
export const account = new Hono<ApiEnv>();

const since = "2026-01-01T00:00:00Z";

account.get("/users/me", (c) =>
  c.json({
    id: "local",
    login: "local",
    name: "Local",
    last_name: "",
    email: "local@localhost.localdomain",
    image: "",
    plan: "local",
    auth_accounts: [],
    projects_limit: 1_000_000,
    branches_limit: 1_000_000,
    // 0: no limit.
    active_seconds_limit: 0,
    max_autoscaling_limit: 0,
  }),
);

account.get("/users/me/organizations", (c) =>
  c.json({
    organizations: [
      {
        ...organization,
        handle: organization.id,
        plan: "local",
        managed_by: "console",
        created_at: since,
        updated_at: since,
      },
    ],
  }),
);

account.get("/auth", (c) => c.json({ account_id: "local", auth_method: "api_key_user" }));

account.get("/regions", (c) => {
  readQuery(c, regionsQuery);
  return c.json({
    regions: [
      { region_id: region.id, name: region.name, default: true, geo_lat: "", geo_long: "" },
    ],
  });
});
