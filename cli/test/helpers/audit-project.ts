import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { type StageStamp, toAnnotation } from "../../src/deploy/stamp.ts";
import { openFileSecrets } from "../../src/secrets/io/file-store.ts";
import type { Secret } from "../../src/secrets/secret.ts";
import { ApiProxy } from "./api-proxy.ts";
import { DsProject } from "./ds-project.ts";
import { dsInProcess } from "./in-process.ts";
import { PulumiState } from "./pulumi-state.ts";

const day = 86_400_000;
export const daysAgo = (days: number) => new Date(Date.now() - days * day).toISOString();

export interface AuditFlags {
  delete: string;
  reconcile: boolean;
  dryRun: boolean;
  plain: boolean;
  yes: boolean;
  json: boolean;
}

/** A busy machine must not look like a source that does not answer: the patience is short only where it is meant. */
const config = (timeout = "60s") =>
  `{ project: "shop", infra: { folder: "infra" }, audit: { grace: "300ms", inactive: "30d", timeout: "${timeout}" } }`;

interface Made {
  stamp?: Partial<StageStamp> | false;
  parent?: string;
  secret?: boolean;
  /** Resources of its stack; undefined: it has none. */
  resources?: number;
  gitBranch?: boolean;
  protected?: boolean;
  /** As the API will say. */
  created?: number;
  expires?: number;
}

/** A project on an engine of its own, whose branches look as old as a test says, with stacks, secrets and git. */
export class AuditProject {
  readonly project: DsProject;
  readonly pulumi: PulumiState;
  api!: ApiProxy;
  projectId = "";
  private target = "";
  private key = "";
  private readonly ids = new Map<string, string>();

  constructor() {
    this.project = new DsProject(config());
    this.pulumi = new PulumiState(join(this.project.folder, "bin"));
  }

  async start(): Promise<void> {
    this.project.make();
    this.pulumi.make();
    mkdirSync(join(this.project.path, "infra"));
    this.project.write("infra/Pulumi.yaml", "name: shop\nruntime: nodejs\n");
    this.project.migrations.add("0000_words", "create table words (word text)");
    this.git("init", "--quiet", "--initial-branch=main");
    this.git(
      "-c",
      "user.name=x",
      "-c",
      "user.email=x",
      "commit",
      "--quiet",
      "--allow-empty",
      "-m",
      "x",
    );
    const setup = await this.project.run(["setup", "--developer", "phil"]);
    if (setup.status !== 0) throw new Error(setup.stderr);
    const { stdout } = await this.project.run(["engine", "env", "--json"]);
    const { NEON_API_HOST, NEON_API_KEY } = JSON.parse(stdout);
    [this.target, this.key] = [NEON_API_HOST.replace(/\/api\/v2$/, ""), NEON_API_KEY];
    this.api = await ApiProxy.start(this.target, this.key);
    const { projects } = await this.call<{ projects: { id: string }[] }>("GET", "/projects");
    this.projectId = projects[0]?.id ?? "";
    for (const { id, name } of await this.listed()) this.ids.set(name, id);
  }

  patience(timeout?: string): void {
    this.project.write("ds.config.ts", `export default ${config(timeout)};\n`);
  }

  git(...args: string[]): void {
    execFileSync("git", args, { cwd: this.project.path, stdio: "ignore" });
  }

  /** Straight to the engine, past the proxy. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.target}/api/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  async listed(): Promise<{ id: string; name: string }[]> {
    const path = `/projects/${this.projectId}/branches`;
    return (await this.call<{ branches: { id: string; name: string }[] }>("GET", path)).branches;
  }

  async names(): Promise<string[]> {
    return (await this.listed()).map(({ name }) => name).sort();
  }

  idOf(name: string): string {
    const id = this.ids.get(name);
    if (id === undefined) throw new Error(`no branch ${name}`);
    return id;
  }

  /** A branch without an endpoint, with what belongs to its stage. */
  async branch(name: string, made: Made = {}): Promise<string> {
    const stage = name.replace(/^dev-/, "");
    const stamp: StageStamp = {
      stage,
      owner: "phil",
      gitBranch: stage,
      pullRequest: undefined,
      stack: `organization/shop/${stage}`,
      stackBackend: this.pulumi.backend,
      secret: this.secretName(stage),
      ...(made.stamp || {}),
    };
    const { branch } = await this.call<{ branch: { id: string } }>(
      "POST",
      `/projects/${this.projectId}/branches`,
      {
        branch: {
          name,
          ...(made.parent ? { parent_id: this.idOf(made.parent) } : {}),
          ...(made.protected ? { protected: true } : {}),
        },
        ...(made.stamp === false ? {} : { annotation_value: toAnnotation(stamp) }),
      },
    );
    this.ids.set(name, branch.id);
    this.api.branches.set(name, {
      created_at: daysAgo(made.created ?? 10),
      ...(made.expires === undefined ? {} : { expires_at: daysAgo(made.expires) }),
    });
    if (made.secret) await this.putSecret(stage);
    if (made.resources !== undefined) this.pulumi.add(stage, made.resources);
    if (made.gitBranch) this.git("branch", stage);
    return branch.id;
  }

  secretName = (stage: string) => `/ds/shop/${stage}/database`;

  private secrets = () =>
    openFileSecrets({ home: this.project.home, signal: new AbortController().signal });

  async putSecret(stage: string, projectId = this.projectId): Promise<void> {
    await (await this.secrets()).put(this.secretName(stage), JSON.stringify({ projectId }));
  }

  /** Stages that have a secret which does not wait for its deletion. */
  async secretStages(): Promise<string[]> {
    const all: Secret[] = await (await this.secrets()).list("/ds/shop/");
    return all.filter(({ deletedAt }) => !deletedAt).map(({ name }) => name.split("/")[3] ?? "");
  }

  /** As the API would list it: there is no such branch. */
  listedOnly(name: string): Record<string, unknown> {
    return {
      id: `br-${name}`,
      project_id: this.projectId,
      parent_id: this.idOf("main"),
      name,
      current_state: "ready",
      created_at: daysAgo(20),
      updated_at: daysAgo(20),
      default: false,
      protected: false,
      logical_size: 30_000_000,
      created_by: { name: "anna" },
    };
  }

  get env(): Record<string, string> {
    return {
      PATH: `${this.pulumi.folder}:${process.env.PATH}`,
      NEON_API_HOST: this.api.url,
      NEON_API_KEY: this.key,
    };
  }

  /** In this process. */
  run(flags: Partial<AuditFlags>, env: Record<string, string> = {}): Promise<Ended> {
    const { delete: id, dryRun, ...switches } = flags;
    const args = [
      ...(id === undefined ? [] : ["--delete", id]),
      ...(dryRun ? ["--dry-run"] : []),
      ...Object.entries(switches).flatMap(([name, on]) => (on ? [`--${name}`] : [])),
    ];
    const { path: cwd, folder, home } = this.project;
    const place = { cwd, home, env: { ...this.env, HOME: folder, ...env } };
    return dsInProcess(place, ["db", "audit", ...args]);
  }

  async json(flags: Partial<AuditFlags>, status = 0) {
    const ended = await this.run({ ...flags, json: true });
    if (ended.status !== status) throw new Error(`${ended.status}: ${ended.stdout}${ended.stderr}`);
    return JSON.parse(ended.stdout);
  }

  async remove(): Promise<void> {
    await this.api?.stop();
    await this.project.remove();
  }
}
