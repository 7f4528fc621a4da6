import { newDatabaseId } from "./ids.ts";
import type { BranchRecord, DatabaseRecord, RoleRecord } from "./records.ts";
/** Who and what is in a branch, as its own Postgres says. */
export interface RolesAndDatabases {
  roles: { name: string; canLogin: boolean }[];
  databases: { name: string; owner: string }[];
}

/** With how much it is; for that Postgres looks at every file. */
export interface Contents extends RolesAndDatabases {
  logicalSize: number;
  lsn: string;
}

/** The record as Postgres has it now; what the record alone knows (passwords, ids) is kept by name. */
export function mergeContents(
  branch: BranchRecord,
  contents: RolesAndDatabases & { logicalSize?: number },
  now: string,
): Pick<BranchRecord, "roles" | "databases" | "logicalSize"> {
  const roles = contents.roles.map(({ name }): RoleRecord => {
    const known = branch.roles.find((role) => role.name === name);
    return known ?? { name, protected: false, createdAt: now, updatedAt: now };
  });
  const databases = contents.databases.map(({ name, owner }): DatabaseRecord => {
    const known = branch.databases.find((database) => database.name === name);
    if (known) return known.ownerName === owner ? known : { ...known, ownerName: owner };
    return { id: newDatabaseId(), name, ownerName: owner, createdAt: now, updatedAt: now };
  });
  const logicalSize = contents.logicalSize ?? branch.logicalSize;
  return { roles, databases, ...(logicalSize === undefined ? {} : { logicalSize }) };
}
