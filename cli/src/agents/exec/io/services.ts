import type { HasConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { HasConfirm } from "../../../runtime/io/confirm.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasDeveloper } from "../../../stages/io/developer.ts";
import type { HasEnvFile } from "../../../stages/io/env-file.ts";
import type { HasStage, HasTarget } from "../../../stages/io/target.ts";

export type ExecServices = Runtime &
  HasConfig &
  HasEnvFile &
  HasStage &
  HasTarget &
  HasNeon &
  HasEngine &
  HasConfirm &
  HasDeveloper;
