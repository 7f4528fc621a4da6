import { createHash, randomBytes } from "node:crypto";
import { removeAgentRun, writeAgentRun } from "../../../branches/io/agent-runs.ts";
import { deleteBranch } from "../../../branches/io/delete-branch.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { parseDuration } from "../../../lib/format/duration.ts";
import { processStartTime } from "../../../lib/io/processes.ts";
import type { RunEnd } from "../../../lib/process/run-end.ts";
import { oneLine } from "../../../lib/text/one-line.ts";
import type { Branch } from "../../../neon/model.ts";
import { type SchemaChange, schemaChanges } from "../../../postgres/schema/diff.ts";
import { withoutOwnObjects } from "../../../postgres/schema/own-objects.ts";
import { withLock } from "../../../runtime/io/lock-file.ts";
import type { Target } from "../../../stages/io/target.ts";
import { agentStage, checkAgentName } from "../agent-name.ts";
import { childEnvironment, hostOf } from "../child-environment.ts";
import { agentBranch } from "./agent-branch.ts";
import { agentLogin } from "./agent-login.ts";
import { type ChangedRows, changedRows } from "./changed-rows.ts";
import { runAgentCommand } from "./run-command.ts";
import type { ExecServices } from "./services.ts";

export interface ExecFlags {
  name: string | undefined;
  from: string | undefined;
  ttl: string | undefined;
  keep: boolean;
  resume: boolean;
}

export interface ExecReport {
  stage: string;
  branch: Branch;
  /** It is there for what comes next, until its end. */
  kept: boolean;
  end: RunEnd;
  /** As a shell has it. */
  status: number;
  /** What the run did to the schema; undefined where that could not be read. */
  changes: SchemaChange[] | undefined;
  rows: ChangedRows | undefined;
}

const usualTtl = "1d";
const longestTtl = "30d";

/** Runs a command on a branch of its own, which is deleted at its end unless it is to be kept. */
export async function execOnBranch(
  services: ExecServices,
  command: readonly string[],
  flags: ExecFlags,
): Promise<ExecReport> {
  const [program, ...args] = command;
  if (program === undefined) {
    throw new DsError("USAGE", "there is no command to run", {
      reason: "FLAG_MISSING",
      hint: "Such as: ds agent exec --name try-index -- npm test",
    });
  }
  const name = checkAgentName(flags.name ?? `run-${randomBytes(3).toString("hex")}`);
  const ttlMs = parseDuration(flags.ttl ?? usualTtl);
  if (ttlMs > parseDuration(longestTtl)) {
    throw new DsError("USAGE", `--ttl ${flags.ttl} is longer than ${longestTtl}`);
  }
  const { name: owner } = await services.developer();
  const { stage, branch } = agentStage(owner, name);
  const { project } = await services.config();
  return exclusively(services, `${project} ${branch}`, async () => {
    const wanted = { stage, name: branch, owner, from: flags.from, ttlMs, resume: flags.resume };
    const made = await agentBranch(services, wanted);
    const keep = Boolean(flags.keep || flags.resume);
    try {
      const target = await services.target(stage);
      return await runOn(services, target, { program, args, keep });
    } catch (error) {
      // Nothing has run on it yet.
      if (made.isNew) await discard(services, made.branch);
      throw error;
    }
  });
}

interface Run {
  program: string;
  args: readonly string[];
  keep: boolean;
}

async function runOn(services: ExecServices, target: Target, run: Run): Promise<ExecReport> {
  const { branch, stage } = target;
  const { output, home, env, signal } = services;
  const { envFile: names, stageVariable } = await services.config();
  const shown = oneLine([run.program, ...run.args].join(" ")).slice(0, 200);
  const { url, password, before } = await output.step(
    `Preparing ${branch.name} for ${run.program}`,
    () => agentLogin(target, shown),
  );
  output.hide(password);
  const note = (pid: number | undefined) =>
    writeAgentRun(home, branch, {
      before,
      pid,
      started: pid === undefined ? undefined : processStartTime(pid),
      kept: run.keep,
    });
  await note(undefined);
  const base = await schemaOf(services, target);
  const file = await (await services.envFile()).entries();
  const checkout = new Map(file).get(names.url);
  signal.throwIfAborted();

  const { end, status } = await runAgentCommand(services, {
    ...run,
    env: childEnvironment({
      env,
      file,
      url,
      own: { [names.url]: url, [names.unpooledUrl]: url, [stageVariable]: stage.name },
      checkoutHost: hostOf(checkout ?? env[names.url]),
    }),
    onStart: note,
  });
  const changes = await changesSince(services, target, base);
  const rows = await changedRows(services, target);
  const kept = run.keep || !(await discard(services, branch));
  if (kept) await note(undefined);
  return { stage: stage.name, branch, kept, end, status, changes, rows };
}

async function schemaOf(services: ExecServices, target: Target): Promise<string> {
  const { database } = await target.login();
  const neon = await services.neon();
  return withoutOwnObjects(await neon.schema(target.project.id, target.branch, database));
}

/** The command has run, and its status is what counts. */
async function changesSince(services: ExecServices, target: Target, base: string) {
  try {
    return schemaChanges(base, await schemaOf(services, target));
  } catch (error) {
    services.output.warn(`what it changed cannot be read: ${(error as Error).message}`);
    return undefined;
  }
}

/** False where the branch stays, which is said. */
async function discard(services: ExecServices, branch: Branch): Promise<boolean> {
  try {
    await deleteBranch(services, branch.id, true);
    await removeAgentRun(services.home, branch);
    return true;
  } catch (error) {
    const until = branch.expiresAt === undefined ? "" : ` until ${branch.expiresAt}`;
    services.output.warn(`${branch.name} stays${until}: ${(error as Error).message}`);
    return false;
  }
}

async function exclusively<T>(
  { home, signal }: ExecServices,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const digest = createHash("sha256").update(what).digest("hex").slice(0, 12);
  let entered = false;
  const lock = { home, name: `agent-${digest}`, signal, waitMs: -1, onWait: () => {} };
  try {
    return await withLock(lock, () => {
      entered = true;
      return work();
    });
  } catch (error) {
    if (entered || !(error instanceof DsError) || error.code !== "LOCKED") throw error;
    const { pid } = error.details;
    throw new DsError("CONFLICT", `a run of this name is under way (ds with pid ${pid})`, {
      reason: "AGENT_RUNNING",
      hint: "Choose another --name, or wait for it to end.",
      details: { pid },
    });
  }
}
