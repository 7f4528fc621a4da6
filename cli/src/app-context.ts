import type { HasConfig } from "./config/project-config.ts";
import type { HasStacks } from "./deploy/pulumi/io/stacks.ts";
import type { HasEngine } from "./engine/io/daemon.ts";
import { once } from "./lib/async/once.ts";
import type { HasGit } from "./lib/git/io/git.ts";
import type { HasNeon } from "./neon/io/client.ts";
import type { HasOrganizationSettings } from "./neon/organization.ts";
import type { HasConfirm } from "./runtime/io/confirm.ts";
import type { Runtime } from "./runtime/runtime.ts";
import type { HasSecrets } from "./secrets/io/secret-store.ts";
import type { HasDeveloper } from "./stages/io/developer.ts";
import type { HasEnvFile } from "./stages/io/env-file.ts";
import type { HasStage, HasTarget } from "./stages/io/target.ts";

/**
 * What a command is handed. Services are made, and their modules loaded, when they are first asked
 * for: a command pays for nothing that it does not use. A use case names the parts that it takes.
 */
export interface AppContext
  extends Runtime,
    HasConfig,
    HasEnvFile,
    HasGit,
    HasDeveloper,
    HasStage,
    HasTarget,
    HasNeon,
    HasOrganizationSettings,
    HasEngine,
    HasSecrets,
    HasStacks,
    HasConfirm {
  /** The same with services of their own, which end when this signal is aborted. */
  withSignal(signal: AbortSignal): AppContext;
}

export function makeContext(runtime: Runtime): AppContext {
  const context: AppContext = {
    ...runtime,
    withSignal: (signal) => makeContext({ ...runtime, signal }),
    config: once(async () => (await import("./config/io/load.ts")).loadConfig(runtime)),
    envFile: once(async () => {
      const [{ openEnvFile }, config] = await Promise.all([
        import("./stages/io/env-file.ts"),
        context.config(),
      ]);
      return openEnvFile(config.envFile.path);
    }),
    git: once(async () => (await import("./lib/git/io/git.ts")).openGit(runtime)),
    developer: async (flag) =>
      (await import("./stages/io/developer.ts")).findDeveloper(context, flag),
    stage: async (target) =>
      (await import("./stages/io/find-target.ts")).findStage(context, target),
    neon: once(async () =>
      (await import("./neon/io/client.ts")).connectNeon(context, async (reader, api) => {
        const { findOrganization } = await import("./neon/io/find-organization.ts");
        return findOrganization(context, reader, api);
      }),
    ),
    organizationSettings: async () => {
      const { org, project } = await context.config();
      return { org, project };
    },
    engine: once(async () => (await import("./engine/io/daemon.ts")).openEngine(runtime)),
    secrets: once(async () => {
      const { openSecretStore } = await import("./secrets/io/open-store.ts");
      const { secrets } = await context.config();
      return openSecretStore(runtime, secrets);
    }),
    stacks: once(async () => {
      const { openStacks } = await import("./deploy/pulumi/io/stacks.ts");
      return openStacks(runtime, await context.config());
    }),
    target: async (target, prefetch) =>
      (await import("./stages/io/find-target.ts")).findTarget(context, target, prefetch),
    confirm: async (question) =>
      (await import("./runtime/io/confirm.ts")).confirm(runtime, question),
  };
  return context;
}
