import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ended, Program } from "../../../scripts/test-support/program.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { DsProject } from "./ds-project.ts";
import { dsInProcess } from "./in-process.ts";

const standIn = fileURLToPath(new URL("../stand-ins/pulumi.mjs", import.meta.url));

export interface PulumiProgram {
  /** Folder of the `pulumi` to use; default: the stand-in. */
  bin?: string;
  /** Writes the program into the folder. */
  install?(folder: string): void;
}

/** A customer's project with a Pulumi program, on an engine and a `file://` backend of its own. */
export class DeployProject {
  readonly project: DsProject;
  readonly state: string;
  readonly infra: string;
  readonly env: Record<string, string>;
  private readonly program: PulumiProgram;

  constructor(
    program: PulumiProgram = {},
    config = `{ project: "shop", infra: { folder: "infra" } }`,
  ) {
    this.program = program;
    this.project = new DsProject(config);
    const { folder, path } = this.project;
    this.state = join(folder, "pulumi-state");
    this.infra = join(path, "infra");
    this.env = {
      PATH: `${program.bin ?? this.standInBin}:${process.env.PATH}`,
      HOME: folder,
      DS_HOME: this.project.home,
      PULUMI_HOME: join(folder, "pulumi-home"),
      PULUMI_BACKEND_URL: `file://${this.state}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      GIT_CEILING_DIRECTORIES: folder,
    };
  }

  private get standInBin(): string {
    return join(this.project.folder, "bin");
  }

  /** Its files, without an engine. */
  make(): void {
    this.project.make();
    for (const made of [this.state, this.infra, this.standInBin]) mkdirSync(made);
    symlinkSync(standIn, join(this.standInBin, "pulumi"));
    writeFileSync(join(this.infra, "Pulumi.yaml"), "name: shop-stage\nruntime: nodejs\n");
    this.program.install?.(this.infra);
  }

  async setUp(): Promise<void> {
    this.make();
    this.project.migrations.add("0000_a", "create table a (id int); insert into a values (1);");
    const { status, stderr } = await this.project.run(["setup", "--developer", "pat"]);
    if (status !== 0) throw new Error(stderr);
    // Not on main, so that stages have something to migrate.
    this.project.migrations.add("0001_b", "create table b (id int);");
  }

  /** In this process. */
  ds(args: string[], env: Record<string, string | undefined> = {}): Promise<Ended> {
    const { path, home } = this.project;
    return dsInProcess({ cwd: path, home, env: { ...this.env, ...env } }, args);
  }

  /** The same with --json, whose stdout is one document. */
  async json(args: string[], env: Record<string, string | undefined> = {}) {
    const ended = await this.ds([...args, "--json"], env);
    return { ...ended, document: JSON.parse(ended.stdout) };
  }

  /** The built command as a process. */
  start(args: string[], env: Record<string, string> = {}): Program {
    return this.project.start(args, { ...this.env, ...env });
  }

  get secretFiles(): string[] {
    const folder = join(this.project.home, "secrets");
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  /** The stage's secret as the file store has it. */
  secret(stage: string): Record<string, string> {
    return JSON.parse(JSON.parse(readFileSync(this.secretFile(stage), "utf8")).value);
  }

  /** Gives the stage's secret another value, behind the store's back; returns the one it had. */
  editSecret(stage: string, edit: (value: string) => string): string {
    const file = this.secretFile(stage);
    const stored = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...stored, value: edit(stored.value) }));
    return stored.value;
  }

  private secretFile(stage: string): string {
    const file = `${encodeURIComponent(`/ds/shop/${stage}/database`)}.json`;
    return join(this.project.home, "secrets", file);
  }

  async query<T>(url: string, text: string): Promise<T[]> {
    const client = await connectPostgres(url, { what: "the test" });
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  async branches(): Promise<string[]> {
    const { document } = await this.json(["db", "branches"]);
    return document.branches.map((branch: { name: string }) => branch.name).sort();
  }

  /** The journal of the stage's last command, when it did not end well. */
  journal(stage: string): { command: string; step: string } | undefined {
    const folder = join(this.project.home, "deploy");
    for (const project of existsSync(folder) ? readdirSync(folder) : []) {
      const file = join(folder, project, `${stage}.json`);
      if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
    }
    return undefined;
  }

  /** Names of everything that stages leave: branches, secrets, stacks, records, files. */
  async leftovers(): Promise<string[]> {
    const found = (await this.branches()).filter(
      (name) => !["main", "dev-pat-local"].includes(name),
    );
    const files = readdirSync(this.infra).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
    const inside = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
    const stacks = inside(join(this.state, ".pulumi", "stacks", "shop-stage"));
    const locks = inside(
      join(this.state, ".pulumi", "locks", "organization", "shop-stage"),
    ).flatMap((stage) =>
      inside(join(this.state, ".pulumi", "locks", "organization", "shop-stage", stage)),
    );
    return [
      ...found,
      ...this.secretFiles,
      ...files,
      ...inside(join(this.infra, ".stages")),
      // Pulumi keeps a copy of a stack that it removed.
      ...stacks.filter((name) => /\.json$/.test(name)),
      ...locks,
      ...inside(join(this.project.home, "locks")).filter((name) => name.startsWith("deploy-")),
    ];
  }

  /** What the stand-in's next runs of a command say instead of working; `wait` holds the lock. */
  fault(command: "up" | "destroy", text: string): { clear(): void } {
    const file = join(this.state, `${command}.fault`);
    writeFileSync(file, text);
    return { clear: () => rmSync(file, { force: true }) };
  }

  remove(): Promise<void> {
    return this.project.remove();
  }
}
