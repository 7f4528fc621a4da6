import { plural } from "../lib/format/plural.ts";

/** What `up` would do. */
export interface UpPlan {
  branch: { name: string; action: "create" | "keep"; id: string | undefined };
  /** Names of those that would run. */
  migrations: string[];
  /** That of another tool, of which nobody knows what it would apply. */
  command?: string;
  secret: { name: string; action: "create" | "update" | "keep" };
  stack: { name: string; action: "create" | "update" | "keep"; summary: string[] } | undefined;
}

const words = { create: "created", update: "changed", keep: "left as it is" };

export function planText({ branch, command, migrations, secret, stack }: UpPlan): string {
  const run = migrations.length > 0 ? `: ${migrations.join(", ")}` : "";
  return [
    "Nothing was changed. ds deploy up would go through these:",
    `  branch      ${branch.name}: ${words[branch.action]}`,
    command === undefined
      ? `  migrations  ${plural(migrations.length, "migration")} to run${run}`
      : `  migrations  applied by ${command}: ds does not know what is pending`,
    `  secret      ${secret.name}: ${words[secret.action]}`,
    ...(stack ? [`  stack       ${stack.name}: ${words[stack.action]}`] : []),
    ...(stack?.summary ?? []).map((line) => `                ${line}`),
  ].join("\n");
}
