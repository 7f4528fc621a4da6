import type pg from "pg";
import { conflict, notFound, unprocessable } from "../../lib/engine-error.ts";
import { newRoleRecord } from "../../model/contents.ts";
import { newPassword } from "../../model/ids.ts";
import type { RoleRecord } from "../../model/records.ts";
import * as sql from "../../postgres/io/roles.ts";
import type { RoleResult } from "../api-types.ts";
import { currentBranch, isRefused, withSql } from "./branch-sql.ts";
import type { Takes } from "./services.ts";

/** Roles of a branch. SQL can make these too, so Postgres is asked while it runs. */

type RoleServices = Takes<"records" | "locks" | "operations" | "computes" | "contents">;

export async function createRole(
  services: RoleServices,
  projectId: string,
  branchId: string,
  input: { name: string; noLogin: boolean },
): Promise<RoleResult> {
  const password = input.noLogin ? undefined : newPassword();
  const branch = await currentBranch(services, projectId, branchId);
  if (branch.roles.some(({ name }) => name === input.name)) {
    throw conflict("ROLE_ALREADY_EXISTS", `role "${input.name}" already exists`);
  }
  const role = newRoleRecord(input.name, password, new Date().toISOString());
  return withSql(services, branch, "postgres", async (client) => {
    await sql.createRole(client, input.name, password);
    await services.records.changeBranch(projectId, branchId, (b) => ({
      ...b,
      roles: [...b.roles, role],
    }));
    return { role };
  });
}

export async function deleteRole(
  services: RoleServices,
  projectId: string,
  branchId: string,
  name: string,
): Promise<RoleResult | undefined> {
  const branch = await currentBranch(services, projectId, branchId);
  const role = branch.roles.find((candidate) => candidate.name === name);
  if (!role) return undefined;
  const owned = branch.databases.find((database) => database.ownerName === name);
  if (owned) {
    throw unprocessable("ROLE_OWNS_DATABASE", `role "${name}" owns the database "${owned.name}"`);
  }
  for (const database of branch.databases) {
    await withSql(services, branch, database.name, async (client) => {
      await sql.disownInDatabase(client, name);
      return {};
    });
  }
  return withSql(services, branch, "postgres", async (client) => {
    await sql.dropRole(client, name);
    await services.records.changeBranch(projectId, branchId, (b) => ({
      ...b,
      roles: b.roles.filter((candidate) => candidate.name !== name),
    }));
    return { role };
  });
}

/**
 * The record has the new password first, marked as one that Postgres does not have yet: an engine that is
 * killed in between sets it at the next start, so what is told is always what opens.
 */
export async function resetRolePassword(
  services: RoleServices,
  projectId: string,
  branchId: string,
  name: string,
): Promise<RoleResult> {
  const branch = await currentBranch(services, projectId, branchId);
  const before = branch.roles.find((role) => role.name === name);
  if (!before) throw notFound("role");
  const updatedAt = new Date().toISOString();
  const fresh: RoleRecord = { ...before, password: newPassword(), updatedAt };
  const put = (role: RoleRecord, isToApply: boolean) =>
    services.records.changeBranch(projectId, branchId, (b) => ({
      ...b,
      roles: b.roles.map((known) => (known.name === name ? role : known)),
      passwordsToApply: [
        ...b.passwordsToApply.filter((other) => other !== name),
        ...(isToApply ? [name] : []),
      ],
    }));
  const change = async (client: pg.Client) => {
    await put(fresh, true);
    try {
      await sql.setPassword(client, name, fresh.password as string);
    } catch (error) {
      // What Postgres refuses has not changed it; of a session that was lost nobody knows.
      if (isRefused(error)) await put(before, branch.passwordsToApply.includes(name));
      throw error;
    }
    await put(fresh, false);
    return { role: fresh };
  };
  // Two at once could leave one's password in the record and the other's in Postgres.
  return services.locks.with({ exclusive: [`${branchId}/${name}`] }, () =>
    withSql(services, branch, "postgres", change),
  );
}
