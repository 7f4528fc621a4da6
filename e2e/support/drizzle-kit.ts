import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./checkout.ts";
import { type Result, run, succeeded } from "./run.ts";

/** The folders whose packages make up a project on that version of Drizzle. */
const installed = { "0.45": "e2e/node_modules", "1.0": "e2e/drizzle-1/node_modules" };

export type DrizzleVersion = keyof typeof installed;

/** A project that is on a version of Drizzle, until it moves to the other. */
export class DrizzleProject {
  readonly path: string;
  private readonly env: NodeJS.ProcessEnv;
  private readonly columns: string[] = [];

  constructor(path: string, version: DrizzleVersion, url: string, env: NodeJS.ProcessEnv) {
    this.path = path;
    this.env = { ...env, DATABASE_URL: url };
    mkdirSync(path);
    writeFileSync(
      join(path, "drizzle.config.ts"),
      `export default { dialect: "postgresql", schema: "./schema.ts", out: "./drizzle",
         dbCredentials: { url: process.env.DATABASE_URL } };`,
    );
    this.moveTo(version);
  }

  moveTo(version: DrizzleVersion): void {
    rmSync(join(this.path, "node_modules"), { force: true });
    symlinkSync(join(repository, installed[version]), join(this.path, "node_modules"));
  }

  kit(...args: string[]): Promise<Result> {
    const bin = join(this.path, "node_modules/drizzle-kit/bin.cjs");
    return run(process.execPath, [bin, ...args], { cwd: this.path, env: this.env });
  }

  /** A migration that adds a column of this name, as the generator writes it. */
  async generate(column: string): Promise<void> {
    this.columns.push(`${column}: integer()`);
    writeFileSync(
      join(this.path, "schema.ts"),
      `import { integer, pgTable } from "drizzle-orm/pg-core";
       export const items = pgTable("items", { ${this.columns.join(", ")} });`,
    );
    succeeded(await this.kit("generate", "--name", column));
  }

  async migrate(): Promise<void> {
    succeeded(await this.kit("migrate"));
  }
}
