import type { HasConfig } from "../../config/project-config.ts";
import type { HasStacks } from "../../deploy/pulumi/io/stacks.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";

/** What the audit takes of the command's context. */
export interface AuditContext
  extends Runtime,
    HasConfig,
    HasGit,
    HasNeon,
    HasSecrets,
    HasStacks,
    HasConfirm {
  /** The same with services of their own, which end when this signal is aborted. */
  withSignal(signal: AbortSignal): AuditContext;
}
