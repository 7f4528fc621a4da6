import type { AppContext } from "../../app-context.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import { table } from "../../lib/terminal/table.ts";
import { addressOf, addressOfHost, parseConnectionUrl } from "../../postgres/connection-url.ts";
import { findProject } from "../../stages/io/project.ts";
import { stageOfBranch } from "../../stages/stage.ts";

/** Where each connection string of the environment and the env file leads, by its host. */
export default async function current({
  config,
  cwd,
  env,
  envFile,
  neon,
  output,
}: AppContext): Promise<void> {
  const settings = await config();
  const file = await envFile();
  const shownFile = shownPath(file.path, cwd);
  const found: { variable: string; source: string; value: string }[] = [];
  for (const variable of [settings.envFile.url, settings.envFile.unpooledUrl]) {
    const value = env[variable];
    if (value) found.push({ variable, source: "environment", value });
  }
  for (const [variable, value] of await file.entries()) {
    if (/^postgres(ql)?:\/\//.test(value)) found.push({ variable, source: shownFile, value });
  }
  const known = await endpointsByAddress();
  const connections = found.map(({ variable, source, value }) => {
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
  output.result({ connections }, (style) => {
    if (connections.length === 0)
      return `No connection string in the environment or in ${shownFile}.`;
    const rows = connections.map(({ variable, source, host, branch, project }) => [
      variable,
      branch && project
        ? `${style.bold(branch.name)} of ${project.name}`
        : style.yellow("not a known branch"),
      style.dim(`${host}, from ${source === "environment" ? "the environment" : source}`),
    ]);
    return table(rows).join("\n");
  });

  async function endpointsByAddress() {
    const api = await neon();
    const names = new Set([
      settings.project,
      ...Object.values(settings.stages).map((stage) => stage.project),
    ]);
    const byAddress = new Map<string, { project: Named; branch: Named }>();
    for (const name of names) {
      const project = await findProject(api, name);
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
}

interface Named {
  id: string;
  name: string;
}
