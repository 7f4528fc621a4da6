import type { Finding } from "../findings/finding.ts";
import { doubledNumbers, introducedHere } from "../folder/doubled-numbers.ts";
import type { Migration, MigrationFolder } from "../folder/migration.ts";
import { forks, forkText } from "../folder/snapshots.ts";

/** This checkout's migrations beside those of the ref that it will be merged into. */
export interface FolderComparison {
  /** In both. */
  known: Migration[];
  /** Here alone. */
  added: Migration[];
  /** What is wrong with the folder itself. */
  problems: Finding[];
}

/** @param base undefined: there is none, and everything is new */
export function compareFolders(
  mine: MigrationFolder,
  base: MigrationFolder | undefined,
): FolderComparison {
  const there = new Map((base?.migrations ?? []).map((migration) => [migration.name, migration]));
  const isKnown = ({ name, sameContent }: Migration) => {
    const other = there.get(name);
    return other !== undefined && sameContent.includes(other.hash);
  };
  const edited = mine.migrations.filter((one) => there.has(one.name) && !isKnown(one));
  const last = Math.max(...(base?.migrations ?? []).map(({ when }) => when), 0);
  const added = mine.migrations.filter(({ name }) => !there.has(name));
  const doubled = introducedHere(
    doubledNumbers(mine),
    [...there.keys()].map((name) => `${name}.sql`),
  );
  return {
    known: mine.migrations.filter(({ name }) => there.has(name)),
    added,
    problems: [
      ...edited.map((one) =>
        problem(
          one,
          "edited-migration",
          "error",
          "has other content than at the base: databases that have it will refuse it",
          "write what is to change as a migration of its own",
        ),
      ),
      ...(base?.migrations ?? [])
        .filter(({ name }) => !mine.migrations.some((one) => one.name === name))
        .filter(({ when }) => added.some((one) => one.when > when))
        .map((one) =>
          problem(
            one,
            "missing-migration",
            "note",
            "is at the base and not here: merge it before this goes on",
            undefined,
          ),
        ),
      ...added
        .filter(({ when }) => when < last)
        .map((one) =>
          problem(
            one,
            "late-migration",
            "warning",
            "is older than the newest one at the base: shared stages refuse it, and drizzle-kit 0.x skips it without a word",
            "generate it again on top: ds db rebase",
          ),
        ),
      ...doubled.flatMap(({ name, other }) => {
        const one = mine.migrations.find((migration) => migration.name === name);
        return one === undefined
          ? []
          : [
              problem(
                one,
                "doubled-number",
                "warning",
                `has the number of ${other}`,
                "ds db rebase puts it on top",
              ),
            ];
      }),
      ...mine.orphans.map((file) => ({
        ...problem(
          { name: file, file },
          "not-in-journal",
          "warning",
          "is listed in no journal: nothing runs it",
          "remove it, or generate it again",
        ),
      })),
      ...(mine.format === "v0" ? forks(mine.snapshots?.() ?? []) : []).map((files) => ({
        rule: "forked-snapshots",
        severity: "error" as const,
        migration: files[1],
        file: files[1],
        line: 1,
        says: `${forkText(files)}: what is generated next forgets one of them`,
        evidence: [],
        instead: "ds db rebase puts one side on top of the other",
      })),
    ],
  };
}

function problem(
  { file, name }: Pick<Migration, "name" | "file">,
  rule: string,
  severity: Finding["severity"],
  says: string,
  instead: string | undefined,
): Finding {
  const finding = {
    rule,
    severity,
    migration: name,
    file,
    line: 1,
    says: `${name} ${says}`,
    evidence: [],
  };
  return instead === undefined ? finding : { ...finding, instead };
}
