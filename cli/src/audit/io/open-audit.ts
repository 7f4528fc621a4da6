import { agentRunIsOver } from "../../branches/io/agent-runs.ts";
import { runIsOver } from "../../branches/io/ephemeral.ts";
import type { ProjectConfig } from "../../config/project-config.ts";
import { once } from "../../lib/async/once.ts";
import { apiHost } from "../../neon/io/credentials.ts";
import type { Project } from "../../neon/model.ts";
import { readSettings } from "../../runtime/io/user-settings.ts";
import { worktreeIsGone } from "../../stages/io/checkout.ts";
import { requireProject } from "../../stages/io/project.ts";
import { rowsOf } from "../rows.ts";
import type { Sources } from "../sources.ts";
import { type Judged, judgeAll } from "../verdict.ts";
import type { AuditContext } from "./audit-context.ts";
import { readSources } from "./read-sources.ts";

/** What there is, and what of it is stale. */
export interface Audit {
  config: ProjectConfig;
  project(): Promise<Project>;
  /** Asks all sources; calls back whenever one has answered. */
  read(options?: { onHeard?: (sources: Sources) => void; signal?: AbortSignal }): Promise<Sources>;
  judge(sources: Sources, now: number): Judged[];
}

export async function openAudit(context: AuditContext): Promise<Audit> {
  const config = await context.config();
  // A source that fails is shown as such; that there is no API at all is no finding.
  if (apiHost(context) === undefined) await context.neon();
  const shared = {
    branches: Object.values(config.stages).flatMap(({ branch }) => branch ?? []),
    stages: Object.keys(config.stages),
  };
  const settings = await readSettings(context.home);
  return {
    config,
    project: once(async () => requireProject(context, config.project)),
    read: ({ onHeard, signal = context.signal } = {}) =>
      readSources({ ...context, signal }, config, onHeard),
    judge: (sources, now) =>
      judgeAll(
        rowsOf(sources, {
          shared,
          runIsOver: (name) => runIsOver(context.home, name),
          agentIsOver: (branch) => agentRunIsOver(context.home, branch),
          worktreeIsGone: (stage) => worktreeIsGone(settings, stage),
          now,
        }),
        config.audit,
        now,
      ),
  };
}
