import { createInterface, type Interface } from "node:readline";
import { ChildExit, DsError } from "../../../errors/ds-error.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { isServerError, type ServerError } from "../../server-error.ts";
import { statementsOf } from "../../sql-statements.ts";
import { errorText } from "../error-text.ts";
import { promptFor, takeStatements } from "../input.ts";
import { resultText } from "../result-text.ts";
import { describeInto } from "./describe.ts";
import { SqlSession } from "./sql-session.ts";

type PromptRuntime = Pick<Runtime, "interactive" | "output" | "takeSignals" | "terminal">;

const help = [
  "Statements end with ; and their results are shown as psql shows them.",
  "  \\d [name]    a table, or all of them; \\dt, \\di, \\dv, \\df, \\dn, \\du, \\l, \\sf, \\sv: as in psql",
  "  \\h [name]    the syntax of an SQL command",
  "  \\q           quit (or Ctrl-D)",
  "Ctrl-C cancels what runs. For the rest of psql (\\copy, \\i, \\e, \\x), install PostgreSQL's client.",
].join("\n");

/** Where psql is missing: a small prompt for SQL, or statements from a pipe; with commands only those, as `psql -c`. */
export async function runPrompt(
  runtime: PromptRuntime,
  url: string,
  { what, commands }: { what: string; commands: readonly string[] },
): Promise<void> {
  const session = await SqlSession.open(url, what);
  const prompt = new SqlPrompt(runtime, session);
  try {
    if (commands.length === 0) await prompt.converse();
    else await prompt.runAll(commands);
  } finally {
    await session.end();
  }
}

class SqlPrompt {
  readonly #runtime: PromptRuntime;
  readonly #session: SqlSession;
  #lost: Error | undefined;
  #isRunning = false;
  #readline: Interface | undefined;
  /** What was typed and is no whole statement yet. */
  #rest = "";

  constructor(runtime: PromptRuntime, session: SqlSession) {
    this.#runtime = runtime;
    this.#session = session;
    session.onNotice((severity, message) => runtime.output.note(`${severity}:  ${message}`));
    session.onLost((error) => {
      this.#lost = error;
      this.#readline?.close();
    });
    runtime.takeSignals((signal, quit) => {
      if (signal === "SIGINT") this.#interrupt(quit);
      else quit();
    });
  }

  async runAll(commands: readonly string[]): Promise<void> {
    for (const command of commands) {
      const isDone = command.startsWith("\\")
        ? await this.#describe(command)
        : await this.#run(command);
      if (!isDone) throw new ChildExit(1);
    }
  }

  async converse(): Promise<void> {
    const { interactive, terminal, output } = this.#runtime;
    const lines = createInterface({
      input: terminal.input,
      ...(interactive ? { output: terminal.output } : {}),
      terminal: interactive,
    });
    this.#readline = lines;
    lines.on("SIGINT", () => this.#interrupt(() => lines.close()));
    if (interactive) output.note("\\? for help, \\q to quit");
    this.#ask();
    for await (const line of lines) {
      if (!(await this.#take(line))) break;
      this.#ask();
    }
    lines.close();
    this.#refuseIfLost();
    // A pipe's last statement needs no semicolon, as in psql.
    if (!interactive && this.#rest.trim() !== "") await this.#run(this.#rest);
  }

  #ask(): void {
    if (!this.#runtime.interactive || this.#readline === undefined) return;
    const { database, transaction } = this.#session;
    this.#readline.setPrompt(promptFor(database, transaction, this.#rest !== ""));
    this.#readline.prompt();
  }

  /** False when that was the end. */
  async #take(line: string): Promise<boolean> {
    if (this.#rest === "" && line.trimStart().startsWith("\\")) {
      const command = line.trim();
      if (/^\\(q|quit)$/.test(command)) return false;
      await this.#describe(command);
      return true;
    }
    const { complete, rest } = takeStatements(this.#rest === "" ? line : `${this.#rest}\n${line}`);
    this.#rest = rest;
    for (const statement of complete) await this.#run(statement);
    return true;
  }

  /** Whether it succeeded; an error of the server's is told and is not the end. */
  async #run(sql: string): Promise<boolean> {
    if (copiesThroughClient(sql)) {
      this.#runtime.output.note(
        "COPY through the client needs psql. Install PostgreSQL's client, or write a file on the server's side.",
      );
      return false;
    }
    return this.#attempt(sql, async () => {
      for (const result of await this.#session.run(sql)) {
        const text = resultText(result);
        if (text !== "") this.#runtime.output.stream(`${text}\n`);
      }
    });
  }

  async #describe(command: string): Promise<boolean> {
    if (command === "\\?") {
      this.#runtime.output.note(help);
      return true;
    }
    if (!/^\\([dhlz]|s[fv])/.test(command)) {
      this.#runtime.output.note(
        `${command.split(/\s/)[0]} is psql's, and not known here. \\? for help.`,
      );
      return false;
    }
    return this.#attempt(command, () =>
      describeInto(this.#session, command, (text) => this.#runtime.output.stream(`${text}\n`)),
    );
  }

  async #attempt(sql: string, work: () => Promise<void>): Promise<boolean> {
    this.#isRunning = true;
    try {
      await work();
      return true;
    } catch (error) {
      this.#refuseIfLost();
      if (!isServerError(error)) throw error;
      this.#runtime.output.note(errorText(error as ServerError & Error, sql));
      return false;
    } finally {
      this.#isRunning = false;
    }
  }

  #refuseIfLost(): void {
    if (this.#lost === undefined) return;
    throw new DsError("UPSTREAM", "the connection to the database was lost", {
      hint: "Connect again with: ds db connect",
      cause: this.#lost,
    });
  }

  /** Ends the statement that runs; where nobody types the command with it; else takes back what was typed. */
  #interrupt(quit: () => void): void {
    if (this.#isRunning) {
      const cancelled = this.#session.cancel();
      if (this.#runtime.interactive) cancelled.catch(() => quit());
      else cancelled.then(quit, quit);
      return;
    }
    if (!this.#runtime.interactive) {
      quit();
      return;
    }
    this.#rest = "";
    this.#readline?.write(null, { ctrl: true, name: "e" });
    this.#readline?.write(null, { ctrl: true, name: "u" });
    this.#runtime.terminal.output.write("\n");
    this.#ask();
  }
}

const copiesThroughClient = (sql: string): boolean =>
  statementsOf(sql).some(
    ({ start, end, words }) =>
      words[0] === "copy" && /\b(from\s+stdin|to\s+stdout)\b/i.test(sql.slice(start, end)),
  );
