import { plural } from "../../lib/format/plural.ts";
import type { CommentFacts, FileFact, KnownMigrations, MigrationFacts } from "./facts.ts";
import { countedFindings, findingsSection } from "./findings-section.ts";
import { Limit, more, moreItem } from "./limit.ts";
import { code, codeCell, link } from "./markdown.ts";
import { prose } from "./prose.ts";
import { rehearsalSection } from "./rehearsal-section.ts";
import { schemaSection } from "./schema-section.ts";
import { siblingsSection } from "./siblings-section.ts";

/** GitHub's limit, in characters; ours are UTF-16 units, which are never fewer. */
export const longestBody = 65_536;

/** How many entries of each list are shown: the first with which the body is short enough. */
const limits = [1_000, 300, 100, 50, 20, 10, 5, 2, 1];

/** What a comment of ours begins with; nobody sees it. */
export const markerOf = (project: string): string => `<!-- ds:deploy-comment ${project} -->`;

/** The Markdown of the comment, and whether lists were cut to keep it short enough. */
export function commentBody(
  facts: CommentFacts,
  longest = longestBody,
): { body: string; isCut: boolean } {
  for (const most of limits) {
    const limit = new Limit(most);
    const body = joined([
      head(facts),
      ...migrationBlocks(facts.migrations, limit),
      foot(facts, limit),
    ]);
    if (body.length <= longest) return { body, isCut: limit.isCut };
  }
  return { body: joined([head(facts), [tooMuch]]), isCut: true };
}

const tooMuch =
  "There is more to tell than a comment can hold: `ds deploy comment --dry-run` shows it.";

const joined = (blocks: readonly string[][]): string =>
  `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;

function head({ project, stage, migrations }: CommentFacts): string[] {
  const url = link(stage.url);
  const branch = stage.branch === undefined ? "" : `, branch ${code(stage.branch)}`;
  return [
    markerOf(project),
    `### Database of ${code(project)}`,
    "",
    ...(url === undefined ? [] : [`Preview: ${url}`, ""]),
    stage.branch === undefined
      ? `Stage ${code(stage.name)} is not up.`
      : `Stage ${code(stage.name)}${branch}.`,
    "",
    verdict(migrations),
  ];
}

/** One line that says all, for who reads no further. */
function verdict(migrations: MigrationFacts): string {
  switch (migrations.kind) {
    case "none":
      return "This project has no migrations.";
    case "command":
      return `Migrations are applied by ${code(migrations.command)}: \`ds\` does not know which are pending.`;
    case "refused":
      return `❌ The migrations are refused: ${prose(migrations.says)}`;
    case "no-database":
      return `${migrations.added.length === 0 ? "No migrations" : `**${plural(migrations.added.length, "migration")}**`} in this pull request. Nothing was tried: ${prose(migrations.why)}`;
    case "known":
      return knownVerdict(migrations);
  }
}

function knownVerdict(known: KnownMigrations): string {
  if (known.pending.length === 0) {
    return `✅ No migrations are pending on ${code(known.on)}.`;
  }
  const { errors, warnings } = countedFindings(known.findings);
  const conflicts = known.siblings.filter(({ outcome }) => outcome === "conflict").length;
  const late = known.pending.filter((each) => each.late).length;
  const hasFailed = known.rehearsal?.failure !== undefined;
  const parts = [
    `**${plural(known.pending.length, "pending migration")}** on ${code(known.on)}`,
    ...(hasFailed ? ["the rehearsal failed"] : []),
    ...(errors > 0 ? [plural(errors, "error")] : []),
    ...(warnings > 0 ? [plural(warnings, "warning")] : []),
    ...(late > 0 ? [`${late} late`] : []),
    ...(conflicts > 0 ? [`in conflict with ${plural(conflicts, "other pull request")}`] : []),
  ];
  const sign =
    hasFailed || errors > 0 || conflicts > 0 ? "❌" : warnings > 0 || late > 0 ? "⚠️" : "✅";
  return `${sign} ${parts.join(", ")}.`;
}

function migrationBlocks(migrations: MigrationFacts, limit: Limit): string[][] {
  if (migrations.kind === "no-database") return [fileList(migrations.added, limit)];
  if (migrations.kind !== "known" || migrations.pending.length === 0) return [];
  return [
    pendingTable(migrations, limit),
    ...warningList(migrations, limit),
    ...findingsSection(migrations.findings, limit),
    ...rehearsalSection(migrations, limit),
    ...schemaSection(migrations.schema, limit),
    ...siblingsSection(migrations, limit),
  ];
}

function fileList(files: readonly FileFact[], limit: Limit): string[] {
  const { shown, left } = limit.some(files);
  return [...shown.map(({ name, file }) => `- ${code(name)} (${code(file)})`), ...moreItem(left)];
}

function pendingTable({ pending, on }: KnownMigrations, limit: Limit): string[] {
  const { shown, left } = limit.some(pending);
  const notes = (migration: KnownMigrations["pending"][number]) =>
    [
      ...(migration.inBase ? ["on the base branch already"] : []),
      ...(migration.late ? [`older than what ${codeCell(on)} has`] : []),
    ].join("; ");
  return [
    "| Migration | File | |",
    "|---|---|---|",
    ...shown.map((each) => `| ${codeCell(each.name)} | ${codeCell(each.file)} | ${notes(each)} |`),
    ...(left > 0 ? ["", ...more(left)] : []),
  ];
}

function warningList({ warnings }: KnownMigrations, limit: Limit): string[][] {
  const { shown, left } = limit.some(warnings);
  return [[...shown.map((text) => `- ⚠️ ${prose(text)}`), ...moreItem(left)]];
}

function foot({ commit, migrations }: CommentFacts, limit: Limit): string[] {
  const at = commit === undefined ? "" : ` of ${code(commit.slice(0, 7))}`;
  const on =
    migrations.kind === "known" && migrations.rehearsal !== undefined
      ? `, tried on copies of ${code(migrations.on)}`
      : "";
  const cut = limit.isCut ? " Long lists were cut." : "";
  return [`<sub>\`ds deploy comment\`${at}${on}.${cut}</sub>`];
}
