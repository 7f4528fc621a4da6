import type { HasConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { HasConfirm } from "../../../runtime/io/confirm.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasDeveloper } from "../../../stages/io/developer.ts";
import type { HasStage, HasTarget } from "../../../stages/io/target.ts";

/** What one call works with: it knows the configuration as it is now, and ends when the call is cancelled. */
export type McpServices = Runtime &
  HasConfig &
  HasStage &
  HasTarget &
  HasNeon &
  HasEngine &
  HasConfirm &
  HasDeveloper;

/** What the server works with, which outlives every call. */
export interface McpContext extends Runtime {
  withSignal(signal: AbortSignal): McpServices;
}
