import { shownPath } from "../../lib/format/shown-path.ts";
import { addressOf, parseConnectionUrl } from "../../postgres/connection-url.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import { developerOfStage } from "../../stages/stage.ts";
import type { Found } from "./database.ts";
import type { Examination } from "./examination.ts";
/** Whether what programs read from the env file is what the API says now. */
export async function examineEnvValues(
  context: Pick<Runtime, "cwd" | "env"> & HasEnvFile,
  examination: Examination,
  { target, config }: Found,
): Promise<void> {
  const check = "env values";
  const { envFile } = config;
  const file = await context.envFile();
  const shown = shownPath(envFile.path, context.cwd);
  const wrong: string[] = [];
  const fixes = new Set<string>();
  for (const [variable, pooled] of [
    [envFile.url, true],
    [envFile.unpooledUrl, false],
  ] as const) {
    const value = await file.get(variable);
    const difference = differs(value, await target.connectionUrl({ pooled }));
    if (difference !== undefined) {
      wrong.push(`${variable} ${difference}`);
      fixes.add(rewrite(target, config.stageVariable));
    }
    const shadow = context.env[variable];
    if (shadow !== undefined && shadow !== value) {
      wrong.push(`${variable} in this shell wins over the file's`);
      fixes.add(`Take it out of the shell: unset ${variable}`);
    }
  }
  if (wrong.length === 0) {
    return examination.ok(check, `${shown} leads to ${target.branch.name}`);
  }
  examination.warn(check, `${shown}: ${wrong.join("; ")}`, [...fixes].join("\n"));
}

/** `ds setup` writes what leads to a local stage; for another one there is no command. */
function rewrite({ stage }: Found["target"], variable: string): string {
  if (stage.isOwn === true) return "Write it anew: ds setup";
  const developer = developerOfStage(stage.name);
  if (developer !== undefined) return `Write it anew: ds setup --developer ${developer}`;
  return stage.source === "environment"
    ? `It is about another stage than ${variable} in this shell: unset that, or use the address that prints: ds db url`
    : "Use the address that prints: ds db url";
}

function differs(value: string | undefined, wanted: string): string | undefined {
  if (value === undefined || value === "") return "is not set";
  try {
    const [is, should] = [parseConnectionUrl(value), parseConnectionUrl(wanted)];
    if (addressOf(is) !== addressOf(should)) return "leads to another branch";
    if (is.database !== should.database) return "names another database";
    if (is.user !== should.user) return "names another role";
    return is.password === should.password ? undefined : "has another password";
  } catch {
    return "is no connection string";
  }
}
