import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith, tool } from "../../scripts/test-support/needs.ts";
import { NeonMachine } from "../support/neon.ts";
import { run, succeeded } from "../support/run.ts";

/** A Python that has Neon's client of this version: `NEON_API_PYTHON=/path/to/venv/bin/python`. */
const version = "0.3.0";
const python = tool(`Python with neon-api ${version} (NEON_API_PYTHON)`, () => {
  const path = process.env.NEON_API_PYTHON;
  if (!path || !existsSync(path)) return undefined;
  const ask = "from importlib.metadata import version; print(version('neon-api'))";
  const found = execFileSync(path, ["-c", ask], { encoding: "utf8" }).trim();
  return found === version ? path : undefined;
});

/** What the client's own integration tests call. It makes a class of every answer, and refuses fields it does not know. */
const calls = `
import json, os
from neon_api import NeonAPI
neon = NeonAPI(os.environ["NEON_API_KEY"], base_url=os.environ["NEON_API_HOST"] + "/")
said = {"email": neon.me().email}
key = neon.api_key_create(key_name="python")
said["keys"] = len(neon.api_keys())
said["revoked"] = neon.api_key_revoke(key.id).revoked
project = neon.project_create(project={"name": "python"}).project
said["same"] = neon.project(project.id).project.id == project.id
said["renamed"] = neon.project_update(project.id, project={"name": "snake"}).project.name
said["projects"] = [each.name for each in neon.projects().projects]
said["shared"] = len(neon.projects(shared=True).projects)
said["uri"] = neon.connection_uri(project.id, "neondb", "neondb_owner", True).uri[:13]
branch = neon.branches(project.id).branches[0]
said["branch"] = branch.name
said["databases"] = [each.name for each in neon.databases(project.id, branch.id).databases]
operation = neon.operations(project.id).operations[0]
said["operation"] = neon.operation(project.id, operation.id).operation.status.value
endpoint = neon.endpoints(project.id).endpoints[0]
said["endpoint"] = neon.endpoint(project.id, endpoint.id).endpoint.id == endpoint.id
role = neon.roles(project.id, branch.id).roles[0]
said["role"] = neon.role(project.id, branch.id, role.name).role.name
neon.project_delete(project.id)
said["left"] = len(neon.projects().projects)
print(json.dumps(said))
`;

describeWith(python, "neon-api, Neon's client for Python", (program) => {
  const machine = new NeonMachine();

  beforeAll(() => machine.start());
  afterAll(() => machine.close());

  test("everything that its own tests call", async () => {
    const { env, folder } = machine;
    const { stdout } = succeeded(await run(program, ["-c", calls], { cwd: folder, env }));
    expect(JSON.parse(stdout)).toEqual({
      email: expect.stringContaining("@"),
      keys: 1,
      revoked: true,
      same: true,
      renamed: "snake",
      projects: ["snake"],
      shared: 0,
      uri: "postgresql://",
      branch: "main",
      databases: ["neondb"],
      operation: "finished",
      endpoint: true,
      role: "neondb_owner",
      left: 0,
    });
  });
});
