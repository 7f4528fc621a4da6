import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";

// Which organization somebody has chosen for a project, in $DS_HOME/organizations.json: by `projectKey`.

const fileOf = (home: string) => join(home, "organizations.json");

export function rememberedOrganization(home: string, key: string): string | undefined {
  const found = read(home)[key];
  return typeof found === "string" ? found : undefined;
}

export async function rememberOrganization(home: string, key: string, id: string): Promise<void> {
  await homeFolder(home);
  await writeFileAtomic(fileOf(home), `${JSON.stringify({ ...read(home), [key]: id }, null, 2)}\n`);
}

/** Without it the question is asked again. */
function read(home: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(readFileSync(fileOf(home), "utf8"));
    return typeof found === "object" && found !== null ? { ...found } : {};
  } catch {
    return {};
  }
}
