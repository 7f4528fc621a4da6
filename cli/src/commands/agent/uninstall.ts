import { changesDocument, changesText } from "../../agents/install/changes.ts";
import { changeAgentFiles } from "../../agents/install/io/install.ts";
import type { AppContext } from "../../app-context.ts";

interface Flags {
  dryRun: boolean;
  yes: boolean;
}

/** Takes out what `ds agent install` has written; the rest of each file stays to the byte. */
export default async function uninstall(
  context: AppContext,
  flags: Flags,
  ...agents: string[]
): Promise<void> {
  const { yes } = flags;
  const dryRun = flags.dryRun === true;
  const changes = await changeAgentFiles(context, { agents, remove: true, dryRun, yes });
  context.output.result(changesDocument(changes, dryRun), changesText(changes, dryRun));
}
