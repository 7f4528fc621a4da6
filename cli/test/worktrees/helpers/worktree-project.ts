import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { Client } from "pg";
import { handOnHome, seedHome } from "../../../../scripts/seeded-home.mjs";
import { TemporaryFolder } from "../../../../scripts/test-support/temporary-folder.ts";
import { ds, startDs } from "../../helpers/command.ts";
import { dsInProcess } from "../../helpers/in-process.ts";
import { git } from "./git.ts";

/** A customer's repository with one migration, its worktrees, and an engine home of its own. */
export class WorktreeProject {
  private readonly temporary = new TemporaryFolder("ds-test-worktrees-");
  private top = "";

  make(config = `{ project: "shop" }`): void {
    this.top = realpathSync(this.temporary.make());
    seedHome(this.home);
    mkdirSync(this.at("shop", "drizzle", "meta"), { recursive: true });
    const write = (file: string, text: string) => writeFileSync(this.at("shop", file), text);
    write("drizzle/0000_words.sql", "create table words (word text not null);");
    const entries = [
      { idx: 0, version: "7", when: 1_760_000_000_000, tag: "0000_words", breakpoints: true },
    ];
    const journal = { version: "7", dialect: "postgresql", entries };
    write("drizzle/meta/_journal.json", JSON.stringify(journal));
    write("ds.config.ts", `export default ${config};\n`);
    write(".gitignore", ".env\n");
    this.git("shop", "init", "--quiet", "--initial-branch=main");
    this.git("shop", "config", "user.name", "x");
    this.git("shop", "config", "user.email", "x@example.com");
    this.git("shop", "add", ".");
    this.git("shop", "commit", "--quiet", "--message=first");
  }

  at = (...parts: string[]) => join(this.top, ...parts);

  get home(): string {
    return this.at("home");
  }

  git = (folder: string, ...args: string[]) => git(this.at(folder), ...args);

  /** Of the build, which knows where it lies. */
  async startEngine(): Promise<void> {
    const { status, stderr } = await this.run(".", ["engine", "start"]);
    if (status !== 0) throw new Error(stderr);
  }

  /** A worktree beside the repository. */
  add(name: string, ...options: string[]): string {
    this.git("shop", "worktree", "add", "--quiet", ...options, this.at(name));
    return name;
  }

  /** A command in a folder, in a process of its own. */
  run = (folder: string, args: string[], env: Record<string, string> = {}) =>
    ds(this.at(folder), args, { DS_HOME: this.home, ...env });

  start = (folder: string, args: string[], env: Record<string, string> = {}) =>
    startDs(this.at(folder), args, { DS_HOME: this.home, ...env });

  /** The document of a command, without the cost of a process; `{ error }` where it failed. */
  json = async (folder: string, args: string[], env: Record<string, string> = {}) => {
    const kept = { PATH: process.env.PATH, HOME: process.env.HOME, DS_HOME: this.home };
    const place = { cwd: this.at(folder), home: this.home, env: { ...kept, ...env } };
    const { stdout, stderr } = await dsInProcess(place, [...args, "--json"]);
    if (stdout === "") throw new Error(stderr);
    return JSON.parse(stdout);
  };

  /** The same of a set-up, which has to go well. */
  setUp = async (folder: string, ...args: string[]) => {
    const document = await this.json(folder, ["setup", ...args]);
    if (document.error) throw new Error(JSON.stringify(document.error));
    return document;
  };

  env = (folder: string) => parseEnv(readFileSync(this.at(folder, ".env"), "utf8"));

  /** What the database behind the folder's env file answers. */
  async query<T>(folder: string, statement: string): Promise<T[]> {
    const client = new Client({ connectionString: this.env(folder).DATABASE_URL });
    await client.connect();
    try {
      return (await client.query(statement)).rows as T[];
    } finally {
      await client.end();
    }
  }

  words = async (folder: string) =>
    (await this.query<{ word: string }>(folder, "select word from words order by word")).map(
      ({ word }) => word,
    );

  async remove(): Promise<void> {
    if (this.top === "") return;
    await ds(this.top, ["engine", "stop"], { DS_HOME: this.home });
    handOnHome(this.home);
    await this.temporary.remove();
  }
}
