import { type Context, Hono } from "hono";
import { notFound } from "../../lib/engine-error.ts";
import { membersQuery } from "../requests/account-schemas.ts";
import type { ApiEnv } from "../requests/env.ts";
import { page } from "../requests/paging.ts";
import { regionsQuery } from "../requests/project-schemas.ts";
import { idParam, readQuery } from "../requests/read.ts";
import {
  branchesLimit,
  monthStart,
  organization,
  region,
  since,
  subscriptionType,
  user,
} from "../responses/account.ts";

/** The one user, its organization and its region. */
export const account = new Hono<ApiEnv>();

account.get("/users/me", (c) =>
  c.json({
    ...user,
    login: user.name,
    last_name: "",
    plan: "local",
    auth_accounts: [],
    billing_account: {
      state: "active",
      payment_source: { type: "" },
      subscription_type: subscriptionType,
      payment_method: "none",
      quota_reset_at_last: monthStart(0),
      name: user.name,
      email: user.email,
      address_city: "",
      address_country: "",
      address_line1: "",
      address_line2: "",
      address_postal_code: "",
      address_state: "",
    },
    projects_limit: 1_000_000,
    branches_limit: branchesLimit,
    // 0: no limit.
    active_seconds_limit: 0,
    // The cloud's largest compute. Clients take it for what a project may ask for, so 0 would be nothing.
    max_autoscaling_limit: 56,
  }),
);

const organizationDetails = {
  ...organization,
  handle: organization.id,
  plan: "local",
  managed_by: "console",
  created_at: since,
  updated_at: since,
};

function refuseOthers(c: Context<ApiEnv>): void {
  if (idParam(c, "organization") !== organization.id) throw notFound("organization");
}

account.get("/users/me/organizations", (c) => c.json({ organizations: [organizationDetails] }));

account.get("/organizations/:organization", (c) => {
  refuseOthers(c);
  return c.json({ ...organizationDetails, require_mfa: false });
});

account.get("/organizations/:organization/members", (c) => {
  refuseOthers(c);
  const { sort_by, sort_order, cursor, limit } = readQuery(c, membersQuery);
  const member = {
    id: user.id,
    user_id: user.id,
    org_id: organization.id,
    role: "admin",
    joined_at: since,
  };
  const position = () => ({ key: since, id: user.id });
  const taken = page([member], { position, order: sort_order, limit, cursor });
  return c.json({
    members: taken.items.map((one) => ({
      member: one,
      user: { email: user.email, has_mfa: false },
    })),
    pagination: {
      sort_by,
      sort_order: sort_order.toUpperCase(),
      ...(taken.end !== undefined && { next: taken.end }),
    },
  });
});

/** Private networks lead to no machine of one's own. */
account.get("/organizations/:organization/vpc/vpc_endpoints", (c) => {
  refuseOthers(c);
  return c.json({ endpoints: [] });
});

account.get("/auth", (c) => c.json({ account_id: user.id, auth_method: "api_key_user" }));

account.get("/regions", (c) => {
  readQuery(c, regionsQuery);
  return c.json({
    regions: [
      { region_id: region.id, name: region.name, default: true, geo_lat: "", geo_long: "" },
    ],
  });
});
