import type { ProjectConfig } from "../../config/project-config.ts";
import type { Source } from "../../deploy/inventory.ts";
import { querySources, source } from "../../deploy/io/inventory.ts";
import { DsError } from "../../errors/ds-error.ts";
import { formatDuration } from "../../lib/format/duration.ts";
import { requireProject } from "../../stages/io/project.ts";
import { nothingYet, type Parts, type Sources, sourcesOf } from "../sources.ts";
import type { AuditContext } from "./audit-context.ts";
import { listPullRequests } from "./pull-requests.ts";

/**
 * Asks all sources anew; calls back whenever one has answered. One that takes longer than the configuration
 * allows counts as one that failed, and what was started for it is stopped.
 */
export async function readSources(
  base: AuditContext,
  config: ProjectConfig,
  onHeard: (sources: Sources) => void = () => {},
): Promise<Sources> {
  const limit = new AbortController();
  const context = base.withSignal(AbortSignal.any([base.signal, limit.signal]));
  const project = requireProject(context, config.project);
  // Its failure is the branches' failure, which is told there.
  project.catch(() => {});
  const asked = {
    ...querySources(context, config, project),
    pullRequests: source(context, () => listPullRequests(context, config.root)),
  };
  const waiting = { state: "waiting" } as const;
  const parts: Parts = {
    branches: waiting,
    endpoints: waiting,
    secrets: waiting,
    stacks: waiting,
    stackBackend: waiting,
    git: waiting,
    pullRequests: waiting,
  };
  let sources = nothingYet;
  const naming = { secretPattern: config.secrets.name, project: config.project };
  const tell = () => {
    sources = sourcesOf(parts, naming);
    onHeard(sources);
  };
  const late: Source<never> = {
    state: "unknown",
    why: `no answer within ${formatDuration(config.audit.timeoutMs)}`,
    code: "UPSTREAM",
    reason: "SOURCE_SILENT",
  };
  const timer = setTimeout(() => limit.abort(), config.audit.timeoutMs);
  try {
    await Promise.all(
      Object.entries(asked).map(async ([name, answer]) => {
        const inTime = Promise.race([answer, whenAborted(limit.signal, late)]);
        const said = await inTime.catch((error: unknown) => {
          if (limit.signal.aborted && !base.signal.aborted) return late;
          throw error;
        });
        Object.assign(parts, { [name]: said });
        tell();
      }),
    );
  } finally {
    clearTimeout(timer);
  }
  // Of a project that may be somebody else's nothing is shown, and nothing deleted.
  await project.catch((error: unknown) => {
    if (error instanceof DsError && error.code === "REFUSED") throw error;
  });
  return sources;
}

function whenAborted<T>(signal: AbortSignal, value: T): Promise<T> {
  return new Promise((done) => {
    signal.addEventListener("abort", () => done(value), { once: true });
  });
}
