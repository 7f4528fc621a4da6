import { expect } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import type { TestBranch, TestProject } from "./branches.ts";

/** Anonymized branches as tests want them. */

export interface Rule {
  table_name: string;
  column_name: string;
  masking_function?: string;
  masking_value?: string;
  schema_name?: string;
  database_name?: string;
}

export interface Status {
  state: string;
  status_message?: string;
  failed_at?: string;
  last_run?: { masked_columns?: number; completed_at?: string };
}

interface Made {
  branch: { id: string; restricted_actions: { name: string }[]; parent_lsn?: string };
  endpoints: { id: string }[];
  connection_uris: { connection_uri: string }[];
  code: string;
  message: string;
}

export const rules = (...given: Rule[]) =>
  given.map((rule) => ({ database_name: "neondb", schema_name: "public", ...rule }));

export const by = (column: string, masking_function: string, table_name = "people"): Rule => ({
  table_name,
  column_name: column,
  masking_function,
});

export class Anonymized {
  readonly #project: TestProject;

  constructor(project: TestProject) {
    this.#project = project;
  }

  make(status: number, name: string, given: Rule[], more: object = {}): Promise<Made> {
    return this.#project.call<Made>(status, "POST", "/branch_anonymized", {
      branch_create: { branch: { name }, endpoints: [{ type: "read_write" }] },
      masking_rules: rules(...given),
      start_anonymization: true,
      ...more,
    });
  }

  /** One whose masking has ended. */
  async made(name: string, given: Rule[], state = "anonymized"): Promise<TestBranch> {
    const { branch, endpoints, connection_uris } = await this.make(201, name, given);
    await this.ends(branch.id, state);
    return {
      id: branch.id,
      name,
      endpointId: endpoints[0]?.id ?? "",
      uri: connection_uris[0]?.connection_uri ?? "",
    };
  }

  status(id: string): Promise<Status> {
    return this.#project.call<Status>(200, "GET", `/branches/${id}/anonymized_status`);
  }

  async ends(id: string, state: string): Promise<Status> {
    await until("the end of the masking", async () => {
      return (await this.status(id)).state !== "anonymizing";
    });
    const status = await this.status(id);
    expect(status.state, status.status_message).toBe(state);
    return status;
  }
}
