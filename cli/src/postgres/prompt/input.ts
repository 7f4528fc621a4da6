import { statementsOf } from "../sql-statements.ts";

/** The statements that are complete, each with its semicolon, and what is not yet. */
export function takeStatements(text: string): { complete: string[]; rest: string } {
  const statements = statementsOf(text);
  const complete: string[] = [];
  let end = 0;
  for (const [index, { start, isEnded }] of statements.entries()) {
    if (!isEnded) break;
    const next = statements[index + 1];
    end = next === undefined ? text.length : next.start;
    complete.push(text.slice(start, end).trimEnd());
  }
  const rest = text.slice(end);
  return { complete, rest: statements.some(({ isEnded }) => !isEnded) ? rest : "" };
}

/** psql's: `neondb=> `, in a transaction `neondb=*> `, in a failed one `neondb=!> `, and `neondb-> ` within a statement. */
export function promptFor(database: string, transaction: string, isWithin: boolean): string {
  const sign = { T: "*", E: "!" }[transaction] ?? "";
  return `${database}${isWithin ? "-" : "="}${sign}> `;
}

/** What the `-c` options among psql's arguments say; undefined where there are others. */
export function commandsIn(args: readonly string[]): string[] | undefined {
  const commands: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const following = args[at + 1];
    if ((arg === "-c" || arg === "--command") && following !== undefined) {
      commands.push(following);
      at++;
    } else if (arg.startsWith("--command=")) commands.push(arg.slice("--command=".length));
    else if (/^-c./s.test(arg)) commands.push(arg.slice(2));
    else return undefined;
  }
  return commands;
}
