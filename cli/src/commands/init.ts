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
  const { path, migrations = null, ledger, from = null, doubt } = written;
  if (doubt !== undefined) {
    output.warn(
      `${doubt}; look at what it says of \`out\` and \`migrations\`, and write that down`,
    );
  }
  const taken = from === null ? "" : `, with the migrations folder and ledger of ${from}`;
  output.result(
    { path, migrations, ledger, from },
    `Wrote ${shownPath(path, cwd)}${taken}. Look through it, then run: ds setup`,
  );
}
