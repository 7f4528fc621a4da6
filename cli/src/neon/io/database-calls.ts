import type { raw } from "@neon/sdk";
import { DsError } from "../../errors/ds-error.ts";
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
  /** Which pages of a database two branches may not have in common; undefined where the API does not offer that. */
  changedPages(
    projectId: string,
    question: { branchId: string; baseId: string; database: string },
  ): Promise<ChangedPagesAnswer | undefined>;
  /** With its password. */
  connectionUrl(projectId: string, input: ConnectionInput): Promise<string>;
}

/** The local engine's, beside Neon's API: docs/row-diff.md. */
export type ChangedPagesAnswer =
  | {
      forkedAt: string;
      files: { tablespace: number; filenode: number; ranges: [number, number | null][] }[];
      open: number[];
    }
  | { unknown: string };

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
    changedPages: async (projectId, { branchId, baseId, database }) => {
      const question = withQuery(
        path`/ds/projects/${projectId}/branches/${branchId}/changed_pages`,
        { base_branch_id: baseId, db_name: database },
      );
      try {
        return await reader.getSlow<ChangedPagesAnswer>("reading what has changed", question);
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
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

/** What an API answers at a place where it has nothing; the engine says what it was that it did not find. */
function isAbsent(error: unknown): boolean {
  if (!(error instanceof DsError)) return false;
  const { httpStatus, apiCode } = error.details;
  return (
    httpStatus === 404 && (apiCode === undefined || apiCode === "" || apiCode === "ROUTE_NOT_FOUND")
  );
}
