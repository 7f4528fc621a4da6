import type { AppContext } from "../../app-context.ts";
import { findingsText } from "../../migrations/findings/text.ts";
import { checkMigrationName } from "../../migrations/generate/generator.ts";
import { generate } from "../../migrations/generate/io/generate.ts";

interface Flags {
  name?: string;
}

/** Runs the project's generate script and says what it has really written. */
export default async function generateCommand(context: AppContext, { name }: Flags): Promise<void> {
  if (name !== undefined) checkMigrationName(name);
  const config = await context.config();
  const { findings, migrations, command } = await context.output.step(
    "Generating a migration",
    () => generate(context, config, name),
  );
  const written = migrations.map((migration) => ({ name: migration.name, file: migration.file }));
  context.output.result(
    {
      status: written.length > 0 ? "generated" : "unchanged",
      command,
      migrations: written,
      findings,
    },
    written.length > 0
      ? [
          findingsText(findings),
          `Generated ${written.map(({ file }) => file).join(", ")}. Read it, then: ds db migrate`,
        ]
          .filter((line) => line !== "")
          .join("\n")
      : "Nothing was generated: the migrations make the schema that the code describes.",
  );
}
