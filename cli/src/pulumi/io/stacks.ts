import { access, copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProjectConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { once } from "../../lib/async/once.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import {
  changesSomething,
  fileBackendPath,
  type ListedStack,
  resourceSummary,
  shownBackend,
  toStack,
} from "../output.ts";
import type { Stack } from "../stack.ts";
import { locksOf, removeAbandoned } from "./locks.ts";
import { pulumiIn } from "./run-pulumi.ts";

export interface StackUpdate {
  changed: boolean;
  /** As Pulumi sums it up: `+ 2 created`, `3 unchanged`. */
  summary: string[];
}

export interface StackUpdateOptions {
  /** By key, without the project's name before it. Never a secret: it is kept in the clear. */
  config: Readonly<Record<string, string>>;
  /** How long to wait while another update has the stack. */
  waitMs: number;
  onWait(): void;
  /** What Pulumi says meanwhile. */
  onLine(line: string): void;
}

/** The stacks of the configured Pulumi program, one a cloud stage and named like it. */
export interface Stacks {
  /** Name of the Pulumi project. */
  readonly project: string;
  /** URL of the backend, without anything that opens it. */
  backend(): Promise<string>;
  /** The name by which the whole backend knows the stage's stack, whether it exists or not. */
  fullName(stage: string): Promise<string>;
  list(): Promise<Stack[]>;
  /** The stage's stack; undefined when there is none. */
  find(stage: string): Promise<Stack | undefined>;
  /** The program has packages that are not installed. */
  lacksPackages(): Promise<boolean>;
  /** Installs them, and the plugins. */
  install(onLine: (line: string) => void): Promise<void>;
  /** Makes the stack; false when it is there. */
  create(stage: string, options: Omit<StackUpdateOptions, "config">): Promise<boolean>;
  /** Of a stack that exists. Not even its configuration file is changed. */
  preview(stage: string, config: Readonly<Record<string, string>>): Promise<StackUpdate>;
  up(stage: string, options: StackUpdateOptions): Promise<StackUpdate>;
  /** Values that the program marks as secret are `[secret]`. */
  outputs(stage: string): Promise<Record<string, unknown>>;
  /** Takes down what the stack has brought up; the stack itself stays. */
  destroy(stage: string, options: Omit<StackUpdateOptions, "config">): Promise<StackUpdate>;
  /** The empty stack, its history and its configuration file. */
  remove(stage: string): Promise<void>;
}

/** Undefined where no infra folder is configured. Nothing is started before something is asked. */
export async function openStacks(
  context: Pick<Runtime, "env" | "signal">,
  { infra }: ProjectConfig,
): Promise<Stacks | undefined> {
  if (!infra) return undefined;
  const project = await pulumiProject(infra.folder);
  const pulumi = pulumiIn(infra.folder, context);
  const { signal } = context;

  const rawBackend = once(async () => {
    const { stdout } = await pulumi.run("asking Pulumi for its backend", ["whoami", "--json"]);
    return (JSON.parse(stdout) as { url: string }).url;
  });
  const folder = async () =>
    fileBackendPath(await rawBackend(), { home: context.env.HOME, cwd: infra.folder });
  const organization = once(async () => {
    if (!/^https?:/.test(await rawBackend())) return "organization";
    if (infra.organization) return infra.organization;
    const { stdout } = await pulumi.run("asking Pulumi for the organization", [
      "org",
      "get-default",
    ]);
    return stdout.trim();
  });
  const fullName = async (stage: string) => `${await organization()}/${project}/${stage}`;

  /** Plain storage says nothing of updates that run: there the lock files tell. */
  const busy = async (stack: Stack): Promise<boolean | undefined> => {
    if (stack.busy !== undefined) return stack.busy;
    const path = await folder();
    return path === undefined ? undefined : (await locksOf(path, stack.fullName)).length > 0;
  };
  /** True when every lock was one of a Pulumi that died here, and is taken away. */
  const unlocked = async (stage: string): Promise<boolean> => {
    const path = await folder();
    return path !== undefined && removeAbandoned(await locksOf(path, await fullName(stage)));
  };

  /** Repeats what another update stands in the way of. */
  async function patiently(
    what: string,
    args: string[],
    stage: string,
    { waitMs, onWait, onLine }: Omit<StackUpdateOptions, "config">,
  ): Promise<StackUpdate> {
    let giveUpAt: number | undefined;
    for (;;) {
      try {
        const { text } = await pulumi.run(what, args, onLine);
        const summary = resourceSummary(text);
        return { changed: changesSomething(summary), summary };
      } catch (error) {
        if (!(error instanceof DsError) || error.code !== "LOCKED") throw error;
        if (await unlocked(stage)) continue;
        // The time runs from here: Pulumi alone takes a second or more to say that it cannot.
        if (giveUpAt === undefined) onWait();
        giveUpAt ??= Date.now() + waitMs;
        if (Date.now() > giveUpAt) throw error;
        await sleep(1_000, undefined, { signal });
      }
    }
  }

  const settings = (config: Readonly<Record<string, string>>) =>
    Object.entries(config).flatMap(([key, value]) => ["--config", `${project}:${key}=${value}`]);

  const list = async () => {
    const asked = organization();
    // What keeps Pulumi from both is told of what was wanted.
    asked.catch(() => {});
    const { stdout } = await pulumi.run("listing stacks", [
      ...["stack", "ls", "--all", "--json", "--fully-qualify-stack-names"],
      ...(infra.organization ? ["--organization", infra.organization] : []),
    ]);
    const own = await asked;
    const ours = (JSON.parse(stdout) as ListedStack[]).filter(
      ({ name }) => !name.includes("/") || name.startsWith(`${own}/${project}/`),
    );
    return Promise.all(
      ours.map(toStack).map(async (stack) => ({ ...stack, busy: await busy(stack) })),
    );
  };

  return {
    project,
    backend: async () => shownBackend(await rawBackend()),
    fullName,
    list,
    find: async (stage) => {
      const [name, all] = await Promise.all([fullName(stage), list()]);
      return all.find((stack) => stack.fullName === name || stack.fullName === stage);
    },
    lacksPackages: async () =>
      (await exists(join(infra.folder, "package.json"))) &&
      !(await exists(join(infra.folder, "node_modules"))),
    install: async (onLine) => {
      await pulumi.run(`installing the packages of ${infra.folder}`, ["install"], onLine);
    },
    create: async (stage, options) => {
      const init = ["stack", "init", await fullName(stage), "--no-select"];
      const secrets = infra.secretsProvider ? ["--secrets-provider", infra.secretsProvider] : [];
      try {
        await patiently(`creating the stack ${stage}`, [...init, ...secrets], stage, options);
        return true;
      } catch (error) {
        if (error instanceof DsError && /already exists/.test(error.message)) return false;
        throw error;
      }
    },
    preview: async (stage, config) => {
      // Pulumi writes what it is given into the stack's file: here it gets a copy of it.
      const scratch = await mkdtemp(join(tmpdir(), "ds-preview-"));
      const copy = join(scratch, "Pulumi.yaml");
      try {
        await copyFile(join(infra.folder, `Pulumi.${stage}.yaml`), copy).catch(() => {});
        const { text } = await pulumi.run(`previewing the stack ${stage}`, [
          ...["preview", "--stack", await fullName(stage), "--config-file", copy],
          ...settings(config),
        ]);
        const summary = resourceSummary(text);
        return { changed: changesSomething(summary), summary };
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
    up: async (stage, options) =>
      patiently(
        `bringing up the stack ${stage}`,
        [
          ...["up", "--yes", "--skip-preview", "--stack", await fullName(stage)],
          ...settings(options.config),
        ],
        stage,
        options,
      ),
    outputs: async (stage) => {
      const { stdout } = await pulumi.run(`reading the outputs of the stack ${stage}`, [
        ...["stack", "output", "--json", "--stack", await fullName(stage)],
      ]);
      return JSON.parse(stdout) as Record<string, unknown>;
    },
    destroy: async (stage, options) =>
      patiently(
        `destroying what the stack ${stage} has`,
        ["destroy", "--yes", "--skip-preview", "--stack", await fullName(stage)],
        stage,
        options,
      ),
    remove: async (stage) => {
      await pulumi.run(`removing the stack ${stage}`, [
        ...["stack", "rm", "--yes", "--stack", await fullName(stage)],
      ]);
    },
  };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** The name in Pulumi.yaml: the first thing that every project file says. */
async function pulumiProject(folder: string): Promise<string> {
  for (const file of ["Pulumi.yaml", "Pulumi.yml"]) {
    const text = await readFile(join(folder, file), "utf8").catch(() => undefined);
    const name = /^name:\s*["']?([\w.-]+)["']?\s*(#.*)?$/m.exec(text ?? "")?.[1];
    if (name) return name;
  }
  throw new DsError("CONFIG_INVALID", `${folder} has no Pulumi.yaml with a name in it`, {
    hint: "`infra.folder` in ds.config.ts is the folder of a Pulumi program.",
  });
}

export interface HasStacks {
  /** Pulumi's stacks; undefined where the configuration names no infra folder. */
  stacks(): Promise<Stacks | undefined>;
}
