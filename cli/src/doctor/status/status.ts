import { expiryText } from "../../branches/expiry-text.ts";
import type { DsError } from "../../errors/ds-error.ts";
import { ago } from "../../lib/format/ago.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import type { Style } from "../../lib/terminal/style.ts";
import { table } from "../../lib/terminal/table.ts";
import { type BegunMigration, namesWithBegun } from "../../migrations/ledger/begun.ts";
import type { Branch } from "../../neon/model.ts";
import { describeBinding, type ProjectBinding } from "../../stages/project-binding.ts";

/** The document of `ds db status --json`. Times are ISO 8601, sizes bytes, absent things null. */
export interface StatusDocument {
  stage: string;
  stageSource: string;
  developer: string | null;
  /** The linked worktree that this checkout is. */
  worktree: { name: string; path: string } | null;
  project: { id: string; name: string; binding: ProjectBinding };
  branch: {
    id: string;
    name: string;
    parent: { id: string; name: string | null } | null;
    createdAt: string;
    expiresAt: string | null;
    lastResetAt: string | null;
    /** When main got other data (a refresh, an undo) that this branch does not have; null: not since. */
    mainReplacedAt: string | null;
    protected: boolean;
    default: boolean;
    logicalSizeBytes: number | null;
  };
  endpoint: { id: string; host: string; state: string } | null;
  database: string;
  role: string;
  postgresVersion: string;
  migrations: MigrationNames | null;
  /** Why nothing can be said of them: the folder or the ledger is in disorder. */
  migrationsProblem: string | null;
  /** Who applies them; of another tool's it is not known which are pending. */
  migrator: "drizzle" | "command" | "none";
  migrationsCommand: string | null;
  envFile: { path: string; variable: string; pointsHere: boolean };
}

export interface MigrationNames {
  applied: string[];
  pending: string[];
  late: string[];
  edited: string[];
  unknown: string[];
  /** Those of the pending and the late ones that were carried out in part. */
  begun: BegunMigration[];
  asOf: string;
}

export function statusText(status: StatusDocument, style: Style, now: number): string {
  const { branch, endpoint, envFile, project } = status;
  const marks = [
    ...(branch.default ? ["default"] : []),
    ...(branch.protected ? ["protected"] : []),
    ...(branch.expiresAt ? [expiryText(branch.expiresAt, now)] : []),
  ];
  const origin = branch.parent ? ` from ${branch.parent.name ?? branch.parent.id}` : "";
  const reset = branch.lastResetAt ? `, data replaced ${ago(branch.lastResetAt, now)}` : "";
  const size = branch.logicalSizeBytes === null ? "" : `, ${formatBytes(branch.logicalSizeBytes)}`;
  return table([
    ["Stage", `${style.bold(status.stage)} ${style.dim(`(${status.stageSource})`)}`],
    ...(status.worktree
      ? [["Worktree", `${status.worktree.name} ${style.dim(status.worktree.path)}`]]
      : []),
    ["Project", `${project.name} ${style.dim(project.id)}`],
    ["", style.dim(describeBinding(project.binding))],
    [
      "Branch",
      `${style.bold(branch.name)} ${style.dim(branch.id)}${marks.length > 0 ? ` (${marks.join(", ")})` : ""}`,
    ],
    ["", `created ${ago(branch.createdAt, now)}${origin}${reset}`],
    ...(branch.mainReplacedAt === null
      ? []
      : [
          [
            "",
            style.yellow(
              `main got other data ${ago(branch.mainReplacedAt, now)}; to have it here: ds db reset`,
            ),
          ],
        ]),
    [
      "Endpoint",
      endpoint ? `${endpoint.host} ${stateText(endpoint.state, style)}` : style.yellow("none"),
    ],
    ["Database", `${status.database} as ${status.role}, Postgres ${status.postgresVersion}${size}`],
    ["Migrations", migrationsText(status, style, now)],
    [
      "Env file",
      envFile.pointsHere
        ? `${envFile.path}: ${envFile.variable} points at this branch`
        : style.yellow(`${envFile.path}: ${envFile.variable} does not point at this branch`),
    ],
  ]).join("\n");
}

/** When main got other data than the branch was made from; null when it has not, or is the branch. */
export function replacedSince(
  branch: Pick<Branch, "id" | "createdAt" | "lastResetAt">,
  main: Pick<Branch, "id" | "lastResetAt">,
): string | null {
  if (main.id === branch.id || main.lastResetAt === undefined) return null;
  const taken = branch.lastResetAt ?? branch.createdAt;
  return Date.parse(main.lastResetAt) > Date.parse(taken) ? main.lastResetAt : null;
}

/** The API says idle of a compute that was stopped because nobody used it. */
export const stateWord = (state: string) => (state === "idle" ? "suspended" : state);

const stateText = (state: string, style: Style) =>
  state === "active" ? style.green(state) : style.dim(stateWord(state));

/** What refuses a migration, as a fact: a look runs nothing anyway. */
export function problemText({ message, details }: Pick<DsError, "message" | "details">): string {
  const { problems } = details as { problems?: string[] };
  return problems?.join("; ") ?? message;
}

function migrationsText(
  { migrations, migrationsCommand, migrationsProblem, migrator }: StatusDocument,
  style: Style,
  now: number,
): string {
  if (migrator === "none") return style.dim("ds runs none here");
  if (migrationsCommand !== null) {
    return `applied by ${migrationsCommand}; ds does not know what is pending`;
  }
  if (migrationsProblem !== null) return style.yellow(`not known: ${migrationsProblem}`);
  if (!migrations) return style.dim("not known while the branch is suspended; look with --wake");
  const { applied, edited, unknown, begun } = migrations;
  const [pending, late] = [migrations.pending, migrations.late].map((names) =>
    namesWithBegun(names, begun),
  ) as [string[], string[]];
  const counts = [
    `${applied.length} applied`,
    ...(pending.length > 0
      ? [style.yellow(`${pending.length} pending (${pending.join(", ")})`)]
      : []),
    ...(late.length > 0 ? [style.yellow(`${late.length} late (${late.join(", ")})`)] : []),
    ...(edited.length > 0 ? [style.red(`${edited.length} edited (${edited.join(", ")})`)] : []),
    ...(unknown.length > 0
      ? [style.yellow(`${unknown.length} unknown here (${unknown.join(", ")})`)]
      : []),
  ];
  const age = now - Date.parse(migrations.asOf);
  return `${counts.join(", ")}${age > 5000 ? style.dim(` as of ${ago(migrations.asOf, now)}`) : ""}`;
}
