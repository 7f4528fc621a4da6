import type { Readable, Writable } from "node:stream";
import type { ProjectConfig } from "./config/project-config.ts";
import type { Engine } from "./engine/io/daemon.ts";
import type { Git } from "./git/io/git.ts";
import { once } from "./lib/async/once.ts";
import type { EarlyLook } from "./migrations/ledger/io/prefetch.ts";
import type { Neon } from "./neon/io/client.ts";
import type { Stacks } from "./pulumi/io/stacks.ts";
import type { Question } from "./runtime/io/confirm.ts";
import type { Output } from "./runtime/output.ts";
import type { ContextBase, Environment, StopSignal } from "./runtime/runtime.ts";
import type { SecretStore } from "./secrets/io/secret-store.ts";
import type { CurrentStage } from "./stages/current-stage.ts";
import type { Developer } from "./stages/io/developer.ts";
import type { EnvFile } from "./stages/io/env-file.ts";
import type { Target } from "./stages/io/target.ts";

/**
 * What a command is handed. Services are made, and their modules loaded, when they are first asked
 * for: a command pays for nothing that it does not use.
 */
export interface Context {
  readonly cwd: string;
  readonly env: Environment;
  /** $DS_HOME: state of the local engine, settings of the user, caches. */
  readonly home: string;
  readonly version: string;
  /** A person can be asked: stdin and stderr are terminals. */
  readonly interactive: boolean;
  /** Where prompts are drawn, so that stdout stays the result's. */
  readonly terminal: { input: Readable; output: Writable };
  readonly output: Output;
  /** Aborted by Ctrl-C; long waits and API calls take it. */
  readonly signal: AbortSignal;
  /** From now on signals go to the handler instead: for a command that has a child to hand them to. */
  takeSignals(handler: (signal: StopSignal) => void): void;
  /** ds.config.ts, validated, with every default filled in. */
  config(): Promise<ProjectConfig>;
  /** The checkout's env file, as text that can be edited. */
  envFile(): Promise<EnvFile>;
  git(): Promise<Git>;
  developer(flag?: string): Promise<Developer>;
  /** The stage a command is about; nothing is asked of the API. */
  stage(target?: string): Promise<CurrentStage>;
  /** Neon's management API: the cloud's, or the local engine's (started when none answers). */
  neon(): Promise<Neon>;
  engine(): Promise<Engine>;
  /** Where cloud stages keep their connection strings. */
  secrets(): Promise<SecretStore>;
  /** Pulumi's stacks; undefined where the configuration names no infra folder. */
  stacks(): Promise<Stacks | undefined>;
  /** The stage with its project, branch and endpoint as the API has them; NOT_FOUND otherwise. */
  target(target?: string, early?: EarlyLook): Promise<Target>;
  /** Returns when the person agreed; throws CONFIRMATION_REQUIRED or NOT_CONFIRMED otherwise. */
  confirm(question: Question): Promise<void>;
}

export function makeContext(base: ContextBase): Context {
  const context: Context = {
    ...base,
    config: once(async () => (await import("./config/io/load.ts")).loadConfig(base)),
    envFile: once(async () => {
      const [{ openEnvFile }, config] = await Promise.all([
        import("./stages/io/env-file.ts"),
        context.config(),
      ]);
      return openEnvFile(config.envFile.path);
    }),
    git: once(async () => (await import("./git/io/git.ts")).openGit(base)),
    developer: async (flag) =>
      (await import("./stages/io/developer.ts")).findDeveloper(context, flag),
    stage: async (target) => (await import("./stages/io/target.ts")).findStage(context, target),
    neon: once(async () => (await import("./neon/io/client.ts")).connectNeon(context)),
    engine: once(async () => (await import("./engine/io/daemon.ts")).openEngine(base)),
    secrets: once(async () => {
      const { openSecretStore } = await import("./secrets/io/open-store.ts");
      return openSecretStore(base, await context.config());
    }),
    stacks: once(async () => {
      const { openStacks } = await import("./pulumi/io/stacks.ts");
      return openStacks(base, await context.config());
    }),
    target: async (target, early) =>
      (await import("./stages/io/target.ts")).findTarget(context, target, early),
    confirm: async (question) => (await import("./runtime/io/confirm.ts")).confirm(base, question),
  };
  return context;
}
