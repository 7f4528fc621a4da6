import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";
import { findingsText } from "../../migrations/findings/text.ts";
import { checkMigrationName } from "../../migrations/generate/generator.ts";
import { generate } from "../../migrations/generate/io/generate.ts";
import { targetWords } from "../../migrations/run/io/target.ts";

interface Flags {
  name?: string;
  safe: boolean;
  target?: string;
  yes: boolean;
}

/** Runs the project's generate script and says what it has really written. */
export default async function generateCommand(context: AppContext, flags: Flags): Promise<void> {
  const { name, safe } = flags;
  if (name !== undefined) checkMigrationName(name);
  if (!safe) refuseWithoutSafe(flags);
  const config = await context.config();
  const { findings, migrations, command } = await context.output.step(
    "Generating a migration",
    () => generate(context, config, name),
  );
  const written = migrations.map((migration) => ({ name: migration.name, file: migration.file }));
  const status = written.length > 0 ? "generated" : "unchanged";
  const text =
    written.length > 0
      ? `Generated ${written.map(({ file }) => file).join(", ")}. Read it, then: ds db migrate`
      : "Nothing was generated: the migrations make the schema that the code describes.";
  const result = { status, command, migrations: written, findings };
  const told = [findingsText(findings), text].filter((line) => line !== "").join("\n");
  if (!safe || written.length === 0) return context.output.result(result, told);

  const { fixOnTarget } = await import("../../migrations/rewrite/io/fix-on-target.ts");
  const names = written.map((one) => one.name);
  const { report, text: fixed } = await fixOnTarget(context, {
    ...flags,
    small: false,
    only: names,
    command: `ds db migrate --plan --fix${targetWords(flags)}`,
  });
  const left = report.findings.filter(({ migration }) => names.includes(migration));
  context.output.result(
    { ...result, findings: left, fix: report.fix },
    [findingsText(left), text, fixed].filter((line) => line !== "").join("\n"),
  );
}

function refuseWithoutSafe({ target, yes }: Flags): void {
  if (target === undefined && !yes) return;
  throw new DsError("USAGE", `${yes ? "--yes" : "--target"} goes with --safe only`, {
    hint: "Leave it out, or say --safe",
  });
}
