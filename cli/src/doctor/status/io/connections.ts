import { shownPath } from "../../../lib/format/shown-path.ts";
import { addressOf, addressOfHost, parseConnectionUrl } from "../../../postgres/connection-url.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasEnvFile } from "../../../stages/io/env-file.ts";
import { findProject, type ProjectSources } from "../../../stages/io/project.ts";
import { stageOfBranch } from "../../../stages/stage.ts";

interface Named {
  id: string;
  name: string;
}

/** Where a connection string leads. */
export interface Connection {
  variable: string;
  /** "environment", or the env file's path. */
  source: string;
  host: string;
  database: string;
  project: Named | null;
  branch: Named | null;
  stage: string | null;
}

type Needs = Pick<Runtime, "cwd"> & ProjectSources & HasEnvFile;

/** Where each connection string of the environment and the env file leads, by its host. */
export async function resolveConnections(context: Needs): Promise<Connection[]> {
  const found = await findConnectionStrings(context);
  const known = await endpointsByAddress(context);
  return found.map(({ variable, source, value }) => {
    const parts = parseConnectionUrl(value, variable);
    const at = known.get(addressOf(parts));
    return {
      variable,
      source,
      host: addressOf(parts),
      database: parts.database,
      project: at?.project ?? null,
      branch: at?.branch ?? null,
      stage: at ? (stageOfBranch(at.branch.name) ?? null) : null,
    };
  });
}

async function findConnectionStrings({ config, cwd, env, envFile }: Needs) {
  const { url, unpooledUrl } = (await config()).envFile;
  const file = await envFile();
  const found: { variable: string; source: string; value: string }[] = [];
  for (const variable of [url, unpooledUrl]) {
    const value = env[variable];
    if (value) found.push({ variable, source: "environment", value });
  }
  const source = shownPath(file.path, cwd);
  for (const [variable, value] of await file.entries()) {
    if (/^postgres(ql)?:\/\//.test(value)) found.push({ variable, source, value });
  }
  return found;
}

/** Of all projects that ds.config.ts names. */
async function endpointsByAddress(context: Needs) {
  const { config, neon } = context;
  const { project: own, stages } = await config();
  const api = await neon();
  const byAddress = new Map<string, { project: Named; branch: Named }>();
  for (const name of new Set([own, ...Object.values(stages).map(({ project }) => project)])) {
    const project = await findProject(context, name);
    if (!project) continue;
    const [branches, endpoints] = await Promise.all([
      api.listBranches(project.id),
      api.listEndpoints(project.id),
    ]);
    for (const endpoint of endpoints) {
      const branch = branches.find(({ id }) => id === endpoint.branchId);
      if (!branch) continue;
      byAddress.set(addressOfHost(endpoint.host), {
        project: { id: project.id, name: project.name },
        branch: { id: branch.id, name: branch.name },
      });
    }
  }
  return byAddress;
}
