import type { ServerError } from "../server-error.ts";
import { offsetOfCharacter, placeOf } from "../sql-place.ts";

/** The server's error as psql shows it, with the line and a mark below the place. */
export function errorText(error: ServerError, sql: string): string {
  const lines = [`ERROR:  ${error.message}`];
  if (error.position !== undefined) {
    const { line, column, text } = placeOf(sql, offsetOfCharacter(sql, Number(error.position)));
    const head = `LINE ${line}: `;
    lines.push(`${head}${text}`, `${" ".repeat(head.length + column - 1)}^`);
  }
  if (error.detail) lines.push(`DETAIL:  ${error.detail}`);
  if (error.hint) lines.push(`HINT:  ${error.hint}`);
  return lines.join("\n");
}
