import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NeonMachine } from "./neon.ts";
import { run } from "./run.ts";

/**
 * Neon's GitHub action that makes branches (neondatabase/create-branch-action, version 6): itself, where its code is at hand, and
 * the requests that it was seen to make.
 */

export interface ActionInputs {
  branch_name: string;
  parent_branch?: string;
  branch_type?: string;
  ssl?: string;
  suspend_timeout?: string;
  expires_at?: string;
  /** JSON. */
  masking_rules?: string;
}

interface Outcome {
  /** What it says where it fails. */
  failure?: string;
  outputs: Record<string, string>;
}

export type Action = (
  machine: NeonMachine,
  project: string,
  inputs: ActionInputs,
) => Promise<Outcome>;

const defaults = {
  prisma: "false",
  database: "neondb",
  role: "neondb_owner",
  branch_type: "default",
  ssl: "require",
  suspend_timeout: "0",
  expires_at: "",
};

/** Runs its published file as a workflow does. */
export const actionItself =
  (file: string): Action =>
  async (machine, project, inputs) => {
    const written = join(machine.folder, "github-output");
    writeFileSync(written, "");
    const given = {
      ...defaults,
      ...inputs,
      api_key: machine.api.key,
      api_host: machine.api.url,
      project_id: project,
    };
    const variables = Object.entries(given).map(([name, value]) => [
      `INPUT_${name.toUpperCase()}`,
      value,
    ]);
    const { status, stdout } = await run(process.execPath, [file], {
      cwd: machine.folder,
      env: {
        ...machine.env,
        ...Object.fromEntries(variables),
        GITHUB_OUTPUT: written,
        GITHUB_REPOSITORY: "acme/shop",
        GITHUB_ACTOR: "nora",
      },
    });
    const failure = /^::error::(.*)$/m.exec(stdout)?.[1];
    const outputs = readOutputs(readFileSync(written, "utf8"));
    if (status !== 0 || failure !== undefined) return { failure: failure ?? stdout, outputs };
    return { outputs };
  };

/** `name<<delimiter`, the value, the delimiter. */
function readOutputs(text: string): Record<string, string> {
  const found = text.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...found].map(([, name, , value]) => [name, value]));
}

/** The requests that it was seen to make, one by one, with its limit of 10 seconds for each. */
export const actionsRequests: Action = async (machine, project, inputs) => {
  const { outputs, failure } = await new Requests(machine, project).of({ ...defaults, ...inputs });
  return failure === undefined ? { outputs } : { outputs, failure };
};

interface Listed {
  branches: { id: string; name: string }[];
}

class Requests {
  readonly #machine: NeonMachine;
  readonly #project: string;

  constructor(machine: NeonMachine, project: string) {
    this.#machine = machine;
    this.#project = project;
  }

  async of(inputs: ActionInputs & typeof defaults): Promise<Outcome> {
    try {
      const found = await this.#branch(inputs.branch_name);
      if (found && inputs.masking_rules) throw new Error("masking rules of an existing branch");
      const id = found?.id ?? (await this.#create(inputs));
      return { outputs: { ...(await this.#connection(id, inputs)), created: String(!found) } };
    } catch (error) {
      return { failure: (error as Error).message, outputs: {} };
    }
  }

  async #branch(name: string): Promise<{ id: string } | undefined> {
    const path = `/branches?search=${encodeURIComponent(name)}&limit=10000`;
    const { branches } = await this.#ask<Listed>("GET", path);
    return branches.find((branch) => branch.name === name || branch.id === name);
  }

  async #create(inputs: ActionInputs & typeof defaults): Promise<string> {
    const parent = inputs.parent_branch && (await this.#branch(inputs.parent_branch));
    if (inputs.parent_branch && !parent) throw new Error("Parent branch not found");
    const wanted = {
      branch: {
        name: inputs.branch_name,
        ...(parent && { parent_id: parent.id }),
        ...(inputs.branch_type === "schema-only" && { init_source: "schema-only" }),
        ...(inputs.expires_at && { expires_at: inputs.expires_at }),
      },
      endpoints: [{ type: "read_write", suspend_timeout_seconds: Number(inputs.suspend_timeout) }],
    };
    const annotation_value = {
      "github-commit-repo": "acme/shop",
      "github-commit-author-login": "nora",
    };
    const { branch } = inputs.masking_rules
      ? await this.#ask<{ branch: { id: string } }>("POST", "/branch_anonymized", {
          branch_create: wanted,
          masking_rules: JSON.parse(inputs.masking_rules),
          start_anonymization: true,
          annotation_value,
        })
      : await this.#ask<{ branch: { id: string } }>("POST", "/branches", {
          ...wanted,
          annotation_value,
        });
    return branch.id;
  }

  async #connection(id: string, { database, role, ssl }: typeof defaults) {
    const path = `/branches/${id}`;
    const { endpoints } = await this.#ask<{ endpoints: { host: string; type: string }[] }>(
      "GET",
      `${path}/endpoints`,
    );
    const host = endpoints.find(({ type }) => type === "read_write")?.host ?? "";
    await this.#ask("GET", `${path}/databases/${database}`);
    await this.#ask("GET", `${path}/roles/${role}`);
    const { password } = await this.#ask<{ password: string }>(
      "GET",
      `${path}/roles/${role}/reveal_password`,
    );
    const url = new URL(`postgresql://${role}:${password}@${host}/${database}`);
    if (ssl !== "omit") url.searchParams.set("sslmode", ssl);
    return { branch_id: id, db_host: host, password, db_url: url.toString() };
  }

  async #ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const { api } = this.#machine;
    const answer = await fetch(`${api.url}/projects/${this.#project}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${api.key}`,
        "content-type": "application/json",
        "user-agent": "neon-create-branch-action v6.3.1",
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const told = (await answer.json()) as Body & { message?: string };
    if (!answer.ok) throw new Error(told.message);
    return told;
  }
}
