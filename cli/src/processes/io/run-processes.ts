import { createHash } from "node:crypto";
import type { ProjectConfig } from "../../config/project-config.ts";
import { ChildExit, DsError } from "../../errors/ds-error.ts";
import type { Environment } from "../../lib/process/environment.ts";
import { noStyle } from "../../lib/terminal/style.ts";
import { padToWidth, textWidth } from "../../lib/terminal/width.ts";
import { slug } from "../../lib/text/slug.ts";
import { withLock } from "../../runtime/io/lock-file.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { PortHolder } from "../port.ts";
import { describeEvent } from "../restart-policy.ts";
import { awaitPort } from "./await-port.ts";
import { groupRecord } from "./group-record.ts";
import { supervise } from "./supervisor.ts";

const grace = 10_000;

/**
 * Runs the configured processes until they have ended or a signal ends them. One alone has the
 * terminal; of several, each line of output names its process. Fails with their exit status.
 */
export async function runProcesses(
  context: Runtime,
  config: ProjectConfig,
  names: string[],
  env: Environment,
): Promise<void> {
  const status = await exclusively(context, config, names, () =>
    superviseAll(context, config, names, env),
  );
  if (status !== 0) throw new ChildExit(status);
}

/** One supervisor a process and checkout: two would fight over its port. */
async function exclusively<T>(
  context: Pick<Runtime, "home" | "signal">,
  config: ProjectConfig,
  [name, ...rest]: string[],
  work: () => Promise<T>,
): Promise<T> {
  if (name === undefined) return work();
  let entered = false;
  const lock = {
    home: context.home,
    name: recordName(config, name),
    signal: context.signal,
    waitMs: -1,
    onWait: () => {},
  };
  try {
    return await withLock(lock, () => {
      entered = true;
      return exclusively(context, config, rest, work);
    });
  } catch (error) {
    if (entered || !(error instanceof DsError) || error.code !== "LOCKED") throw error;
    const { pid } = error.details;
    throw new DsError("CONFLICT", `${name} is running already, under ds with pid ${pid}`, {
      hint: `End that one first: kill ${pid}`,
      details: { pid },
    });
  }
}

async function superviseAll(
  context: Runtime,
  config: ProjectConfig,
  names: string[],
  env: Environment,
): Promise<number> {
  const records = await Promise.all(
    names.map((name) => groupRecord(context.home, recordName(config, name))),
  );
  context.signal.throwIfAborted();
  const prefixed = names.length > 1 ? prefixes(context, names) : [];
  const supervisors = names.flatMap((name, index) => {
    const process = config.processes[name];
    const record = records[index];
    if (process === undefined || record === undefined) return [];
    const { command, cwd, port } = process;
    const onLine = prefixed[index];
    return supervise({
      command,
      cwd,
      env: {
        ...env,
        ...(port === undefined ? {} : { PORT: String(port) }),
        // Behind a pipe most programs go grey, although it ends at a terminal.
        ...(onLine && context.output.style !== noStyle ? { FORCE_COLOR: "1" } : {}),
      },
      grace,
      record,
      ready: async (signal) => {
        if (port === undefined) return;
        const onTaken = (holder: PortHolder | undefined) =>
          context.output.note(describeEvent(name, { is: "port-taken", port, holder }));
        await awaitPort({ name, port, env, isWatched: context.interactive, onTaken }, signal);
      },
      onEvent: (event) => context.output.note(describeEvent(name, event)),
      ...(onLine ? { onLine } : {}),
    });
  });
  context.takeSignals((signal) => {
    for (const supervisor of supervisors) supervisor.stop(signal);
  });

  let status = 0;
  const stopAll = () => {
    for (const supervisor of supervisors) supervisor.stop("SIGTERM");
  };
  const endings = supervisors.map(async (supervisor) => {
    const ended = await supervisor.status.catch((error) => {
      stopAll();
      throw error;
    });
    if (ended === 0 || status !== 0) return;
    // One that has failed for good takes the others along: they are of no use without it.
    status = ended;
    stopAll();
  });
  for (const ending of await Promise.allSettled(endings)) {
    if (ending.status === "rejected") throw ending.reason;
  }
  return status;
}

function prefixes(
  { output }: Pick<Runtime, "output">,
  names: string[],
): ((line: string) => void)[] {
  const { cyan, green, yellow, red } = output.style;
  const colours = [cyan, green, yellow, red];
  const width = Math.max(...names.map(textWidth));
  return names.map((name, index) => {
    const colour = colours[index % colours.length] ?? cyan;
    const prefix = colour(`${padToWidth(name, width)} |`);
    return (line) => output.passOn(`${prefix} ${line}\n`);
  });
}

/** Unlike for any other checkout or process of this home. */
function recordName(config: ProjectConfig, name: string): string {
  const hash = createHash("sha256").update(`${config.root}\0${name}`).digest("hex").slice(0, 12);
  return `run-${slug(name)}-${hash}`;
}
