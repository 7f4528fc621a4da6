import type { raw } from "@neon/sdk";
import { parseConnectionUrl } from "../../postgres/connection-url.ts";
import { redactDump } from "../../postgres/redact-dump.ts";
import { passwordNotStored } from "../api-error.ts";
import type { Branch, Database } from "../model.ts";
import { type NeonReader, path, withQuery } from "./reader.ts";

/** What is asked about the databases of a branch. Nothing of it changes anything. */
export interface DatabaseCalls {
  listDatabases(projectId: string, branchId: string): Promise<Database[]>;
  /** What pg_dump prints of the database's schema, as it is now. */
  schema(projectId: string, branch: NamedBranch, database: string): Promise<string>;
  /** With its password. */
  connectionUrl(projectId: string, input: ConnectionInput): Promise<string>;
}

type NamedBranch = Pick<Branch, "id" | "name">;

interface ConnectionInput {
  branchId: string;
  endpointId?: string;
  database: string;
  role: string;
  pooled: boolean;
}

type DatabasePage = raw.DatabasesResponse & raw.CursorPaginationResponse;

export function databaseCalls(reader: NeonReader): DatabaseCalls {
  return {
    listDatabases: async (projectId, branchId) => {
      const question = path`/projects/${projectId}/branches/${branchId}/databases`;
      const pages = await reader.pages<DatabasePage>("listing databases", question, "databases");
      return pages
        .flatMap(({ databases }) => databases)
        .map(({ name, owner_name }) => ({ name, ownerName: owner_name }));
    },
    schema: async (projectId, branch, database) => {
      const answer = await reader.getSlow<raw.BranchSchemaResponse>(
        `reading the schema of the branch ${branch.name}, database ${database}`,
        withQuery(path`/projects/${projectId}/branches/${branch.id}/schema`, { db_name: database }),
      );
      return redactDump(answer.sql ?? "");
    },
    connectionUrl: async (projectId, { branchId, endpointId, database, role, pooled }) => {
      const question = withQuery(path`/projects/${projectId}/connection_uri`, {
        branch_id: branchId,
        endpoint_id: endpointId,
        database_name: database,
        role_name: role,
        pooled,
      });
      const what = `reading the connection string of the branch ${branchId}`;
      const { uri } = await reader.get<raw.ConnectionUriResponse>(what, question);
      if (parseConnectionUrl(uri).password === undefined) throw passwordNotStored(what);
      return uri;
    },
  };
}
