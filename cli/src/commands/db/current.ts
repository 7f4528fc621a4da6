import type { AppContext } from "../../app-context.ts";
import { resolveConnections } from "../../doctor/status/io/connections.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import { table } from "../../lib/terminal/table.ts";

/** Where each connection string of the environment and the env file leads, by its host. */
export default async function current(context: AppContext): Promise<void> {
  const connections = await resolveConnections(context);
  const shownFile = shownPath((await context.envFile()).path, context.cwd);
  context.output.result({ connections }, (style) => {
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
}
