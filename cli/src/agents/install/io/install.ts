import { existsSync, promises as fs, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { HasConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { writeFileAtomic } from "../../../lib/io/write-file-atomic.ts";
import type { HasConfirm } from "../../../runtime/io/confirm.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { type Change, installed, uninstalled } from "../changes.ts";
import {
  type AgentFile,
  type AgentName,
  agentFiles,
  agentNames,
  type DsCommand,
  traces,
} from "../files.ts";

type Needs = Runtime & HasConfig & HasConfirm;

export interface InstallRequest {
  agents: readonly string[];
  remove: boolean;
  dryRun: boolean;
  yes: boolean;
}

/** Writes what agents are told of ds into the repository, or takes it out again; all of it is shown before. */
export async function changeAgentFiles(
  context: Needs,
  { agents: wanted, remove, dryRun, yes }: InstallRequest,
): Promise<Change[]> {
  const { root } = await context.config();
  const agents = wanted.length === 0 ? found(root, remove) : wanted.map(checkAgent);
  const ds: DsCommand = existsSync(join(root, "ds")) ? ["./ds"] : ["npx", "ds"];
  const files = agents.flatMap((agent) => agentFiles(agent, ds));
  const changes = await changesOf(root, files, remove);
  const toDo = changes.filter(({ state }) => state === "changed" || state === "removed");
  for (const { path, why, added } of changes) {
    context.output.note(`${path}${why === undefined ? ":" : ` ${why}`}`);
    if (!remove && added !== undefined) context.output.note(indented(added));
  }
  if (dryRun || toDo.length === 0) return changes;
  const command = remove ? "uninstall" : "install";
  await context.confirm({
    message: `Change ${toDo.map(({ path }) => path).join(", ")}?`,
    yes,
    command: `ds agent ${command} ${agents.join(" ")} --yes`,
  });
  for (const { file, text } of toDo) {
    if (text === undefined) await fs.rm(file);
    else {
      await fs.mkdir(dirname(file), { recursive: true });
      const mode = await modeOf(file);
      await writeFileAtomic(file, text);
      await fs.chmod(file, mode);
    }
  }
  return changes;
}

const indented = (text: string) => text.trimEnd().replace(/^/gm, "  ");

const modeOf = async (file: string) => (await fs.stat(file).catch(() => undefined))?.mode ?? 0o644;

function checkAgent(name: string): AgentName {
  const known = agentNames.find((each) => each === name);
  if (known) return known;
  throw new DsError("USAGE", `"${name}" is no agent that is known here`, {
    reason: "NAME_INVALID",
    hint: `Known are ${agentNames.join(", ")}; agents-md is for all others.`,
  });
}

/** The agents that leave traces in the repository; AGENTS.md where none does. */
function found(root: string, all: boolean): AgentName[] {
  if (all) return [...agentNames];
  const used = agentNames.filter((agent) =>
    traces[agent].some((path) => existsSync(join(root, path))),
  );
  return used.length === 0 ? ["agents-md"] : used;
}

/** Two names may be one file: CLAUDE.md is often a link to AGENTS.md. */
async function changesOf(root: string, files: AgentFile[], remove: boolean): Promise<Change[]> {
  const changes = new Map<string, Change>();
  for (const wanted of files) {
    const file = place(root, wanted.path);
    if (changes.has(file)) continue;
    const text = await fs.readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    const change = remove ? uninstalled(wanted, text) : installed(wanted, text);
    changes.set(file, { ...change, path: wanted.path, file });
  }
  return [...changes.values()];
}

/** Where a path leads, within the repository. */
function place(root: string, path: string): string {
  const file = join(root, path);
  const real = existsSync(file)
    ? realpathSync(file)
    : join(nearest(dirname(file)), relative(nearestPath(dirname(file)), file));
  const from = relative(realpathSync(root), real);
  if (from.startsWith(`..${sep}`) || from === "..") {
    throw new DsError("REFUSED", `${path} leads out of the repository`, {
      reason: "FILE_OUTSIDE",
      hint: "Replace the link by a file, or name the agents whose files are here.",
    });
  }
  return real;
}

/** The innermost folder above that exists. */
const nearestPath = (folder: string): string =>
  existsSync(folder) ? folder : nearestPath(dirname(folder));
const nearest = (folder: string): string => realpathSync(nearestPath(folder));
