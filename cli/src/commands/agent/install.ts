import { changesDocument, changesText } from "../../agents/install/changes.ts";
import { changeAgentFiles } from "../../agents/install/io/install.ts";
import type { AppContext } from "../../app-context.ts";

interface Flags {
  dryRun: boolean;
  yes: boolean;
}

/** Tells agents in the repository's own files how to work with ds. */
export default async function install(
  context: AppContext,
  flags: Flags,
  ...agents: string[]
): Promise<void> {
  const { yes } = flags;
  const dryRun = flags.dryRun === true;
  const changes = await changeAgentFiles(context, { agents, remove: false, dryRun, yes });
  context.output.result(changesDocument(changes, dryRun), changesText(changes, dryRun));
}
