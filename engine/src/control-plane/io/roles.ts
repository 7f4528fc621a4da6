import { conflict, notFound, unprocessable } from "../../lib/engine-error.ts";
import { newRoleRecord } from "../../model/contents.ts";
import { newPassword } from "../../model/ids.ts";
import type { RoleRecord } from "../../model/records.ts";
import * as sql from "../../postgres/io/roles.ts";
import type { RoleResult } from "../api-types.ts";
import { currentBranch, withSql } from "./branch-sql.ts";
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

export async function resetRolePassword(
  services: RoleServices,
  projectId: string,
  branchId: string,
  name: string,
): Promise<RoleResult> {
  const branch = await currentBranch(services, projectId, branchId);
  if (!branch.roles.some((role) => role.name === name)) throw notFound("role");
  const password = newPassword();
  return withSql(services, branch, "postgres", async (client) => {
    await sql.setPassword(client, name, password);
    const updatedAt = new Date().toISOString();
    const changed = await services.records.changeBranch(projectId, branchId, (b) => ({
      ...b,
      roles: b.roles.map((role) => (role.name === name ? { ...role, password, updatedAt } : role)),
    }));
    return { role: changed.roles.find((role) => role.name === name) as RoleRecord };
  });
}
