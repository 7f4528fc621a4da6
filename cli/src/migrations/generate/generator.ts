import { DsError } from "../../errors/ds-error.ts";

/** A name for a migration: it becomes a part of a file name and of a shell command. */
export function checkMigrationName(name: string): string {
  if (/^[a-z0-9]+(?:[_-][a-z0-9]+)*$/i.test(name) && name.length <= 100) return name;
  throw new DsError("USAGE", `"${name}" cannot name a migration`, {
    hint: "Use at most 100 letters, digits and single underscores or hyphens, such as add_due_date.",
  });
}

/** npm takes for itself what is not behind `--`; other runners hand everything on. */
export function withName(command: string, name: string | undefined): string {
  if (name === undefined) return command;
  const forNpm = /^npm (?:run|run-script)\b/.test(command) && !/ -- /.test(`${command} `);
  return `${command}${forNpm ? " --" : ""} --name ${name}`;
}
