/**
 * Nobody signs in to the engine, and everything on this machine belongs to one organization; clients
 * want a user, an organization and a region all the same.
 */

export const organization = { id: "org-local", name: "Local" };

/** Neon's ids of users are UUIDs, and its clients read them as such. */
export const user = {
  id: "00000000-0000-4000-8000-000000000001",
  name: "Local",
  email: "local@localhost.localdomain",
  image: "",
};

/** Of projects that asked for none. */
export const region = { id: "local", name: "This machine" };

export const since = "2026-01-01T00:00:00Z";

export const branchesLimit = 1_000_000;

/** For users without an account that is billed. */
export const subscriptionType = "UNKNOWN";

export const owner = {
  email: user.email,
  name: user.name,
  branches_limit: branchesLimit,
  subscription_type: subscriptionType,
};

/** Who made a branch: the field is there as in the cloud, and nobody's name is in it, as nobody signs in. */
export const creator = { name: "", image: "" };

/** The first instant of a month in UTC: 0 is this one. What the cloud bills begins anew then. */
export function monthStart(offset: number, now = new Date()): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset)).toISOString();
}
