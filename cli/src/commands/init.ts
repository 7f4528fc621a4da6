import type { AppContext } from "../app-context.ts";
import { DsError } from "../errors/ds-error.ts";
import { shownPath } from "../lib/format/shown-path.ts";
import { writeConfig } from "../setup/io/init.ts";

interface Flags {
  project: string | undefined;
}

export default async function init(context: AppContext, flags: Flags): Promise<void> {
  const { cwd, output } = context;
  if (flags.project?.trim() === "") throw new DsError("USAGE", "--project must not be empty");
  const written = await writeConfig(context, flags.project);
  const { path, migrations = null, ledger, from = null, doubt, tool, toolBy } = written;
  if (doubt !== undefined) {
    output.warn(
      `${doubt}; look at what it says of \`out\` and \`migrations\`, and write that down`,
    );
  }
  if (tool !== undefined) {
    output.note(`The migrations here are ${tool.name}'s (${toolBy}).`);
    if (tool.command === undefined) {
      output.warn(`how ${tool.name} is run is yours to say: migrations.command in ds.config.ts`);
    }
  }
  const taken = from === null ? "" : `, with the migrations folder and ledger of ${from}`;
  output.result(
    { path, migrations, ledger, from, tool: tool?.name ?? null },
    `Wrote ${shownPath(path, cwd)}${taken}. Look through it, then run: ds setup`,
  );
}
