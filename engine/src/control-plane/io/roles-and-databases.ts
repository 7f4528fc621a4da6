import { conflict, notFound, unprocessable } from "../../lib/engine-error.ts";
import { newPassword } from "../../model/ids.ts";
import type { DatabaseRecord, RoleRecord } from "../../model/records.ts";
import * as sql from "../../postgres/io/roles.ts";
import { readTables } from "../../postgres/io/schema-tables.ts";
import type { ContentTransitions } from "../api.ts";
import { type Core, findDatabase } from "./core.ts";

/** What a branch holds: roles, databases, schemas. SQL can make these too, so Postgres is asked while it runs. */
export function rolesAndDatabases(core: Core): ContentTransitions {
  return {
    async listRoles(projectId: string, branchId: string): Promise<RoleRecord[]> {
      return (await core.current(projectId, branchId)).roles;
    },

    async createRole(
      projectId: string,
      branchId: string,
      input: { name: string; noLogin: boolean },
    ) {
      const password = input.noLogin ? undefined : newPassword();
      const branch = await core.current(projectId, branchId);
      if (branch.roles.some(({ name }) => name === input.name)) {
        throw conflict("ROLE_ALREADY_EXISTS", `role "${input.name}" already exists`);
      }
      const now = new Date().toISOString();
      const role: RoleRecord = {
        name: input.name,
        ...(password ? { password } : {}),
        protected: false,
        createdAt: now,
        updatedAt: now,
      };
      return core.withSql(branch, "postgres", async (client) => {
        await sql.createRole(client, input.name, password);
        await core.change(projectId, branchId, (b) => ({ ...b, roles: [...b.roles, role] }));
        return { role };
      });
    },

    async deleteRole(projectId: string, branchId: string, name: string) {
      const branch = await core.current(projectId, branchId);
      const role = branch.roles.find((candidate) => candidate.name === name);
      if (!role) return undefined;
      const owned = branch.databases.find((database) => database.ownerName === name);
      if (owned)
        throw unprocessable(
          "ROLE_OWNS_DATABASE",
          `role "${name}" owns the database "${owned.name}"`,
        );
      for (const database of branch.databases) {
        await core.withSql(branch, database.name, async (client) => {
          await sql.disownInDatabase(client, name);
          return {};
        });
      }
      return core.withSql(branch, "postgres", async (client) => {
        await sql.dropRole(client, name);
        await core.change(projectId, branchId, (b) => ({
          ...b,
          roles: b.roles.filter((candidate) => candidate.name !== name),
        }));
        return { role };
      });
    },

    async resetRolePassword(projectId: string, branchId: string, name: string) {
      const branch = await core.current(projectId, branchId);
      if (!branch.roles.some((role) => role.name === name)) throw notFound("role");
      const password = newPassword();
      return core.withSql(branch, "postgres", async (client) => {
        await sql.setPassword(client, name, password);
        const updatedAt = new Date().toISOString();
        const changed = await core.change(projectId, branchId, (b) => ({
          ...b,
          roles: b.roles.map((role) =>
            role.name === name ? { ...role, password, updatedAt } : role,
          ),
        }));
        return { role: changed.roles.find((role) => role.name === name) as RoleRecord };
      });
    },

    async listDatabases(projectId: string, branchId: string): Promise<DatabaseRecord[]> {
      return (await core.current(projectId, branchId)).databases;
    },

    async createDatabase(
      projectId: string,
      branchId: string,
      input: { name: string; ownerName: string },
    ) {
      const branch = await core.current(projectId, branchId);
      if (
        ["postgres", "template0", "template1"].includes(input.name) ||
        findDatabase(branch, input.name)
      ) {
        throw conflict("DATABASE_ALREADY_EXISTS", `database "${input.name}" already exists`);
      }
      if (!branch.roles.some((role) => role.name === input.ownerName)) throw notFound("role");
      return core.withSql(branch, "postgres", async (client) => {
        await sql.createDatabase(client, input.name, input.ownerName);
        const { databases } = await core.sync(projectId, branchId, client);
        return { database: databases.find(({ name }) => name === input.name) as DatabaseRecord };
      });
    },

    async updateDatabase(
      projectId: string,
      branchId: string,
      name: string,
      patch: { name?: string; ownerName?: string },
    ) {
      const branch = await core.current(projectId, branchId);
      const database = findDatabase(branch, name);
      if (!database) throw notFound("database");
      const newName = patch.name ?? name;
      if (newName !== name && findDatabase(branch, newName)) {
        throw conflict("DATABASE_ALREADY_EXISTS", `database "${newName}" already exists`);
      }
      if (patch.ownerName && !branch.roles.some((role) => role.name === patch.ownerName)) {
        throw notFound("role");
      }
      return core.withSql(branch, "postgres", async (client) => {
        await sql.alterDatabase(client, name, patch);
        const updated: DatabaseRecord = {
          ...database,
          name: newName,
          ownerName: patch.ownerName ?? database.ownerName,
          updatedAt: new Date().toISOString(),
        };
        await core.change(projectId, branchId, (b) => ({
          ...b,
          databases: b.databases.map((candidate) =>
            candidate.name === name ? updated : candidate,
          ),
        }));
        return { database: updated };
      });
    },

    async deleteDatabase(projectId: string, branchId: string, name: string) {
      const branch = await core.current(projectId, branchId);
      const database = findDatabase(branch, name);
      if (!database) return undefined;
      return core.withSql(branch, "postgres", async (client) => {
        await sql.dropDatabase(client, name);
        await core.change(projectId, branchId, (b) => ({
          ...b,
          databases: b.databases.filter((candidate) => candidate.name !== name),
        }));
        return { database };
      });
    },

    async readSchema(projectId: string, branchId: string, database: string): Promise<string> {
      const compute = await core.awakeWith(projectId, branchId, database);
      return compute.dumpSchema(database);
    },

    async readTables(projectId: string, branchId: string, database: string) {
      const compute = await core.awakeWith(projectId, branchId, database);
      return compute.admin(database, readTables);
    },
  };
}
