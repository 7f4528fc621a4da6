import { readJson } from "../../lib/io/files.ts";
import { StartError } from "../../lib/start-error.ts";

/** One file of the catalog, or undefined when it is not there. */
export async function readRecord<T>(path: string): Promise<T | undefined> {
  try {
    return await readJson<T>(path);
  } catch (error) {
    throw new StartError(
      "CONFIG_INVALID",
      `The catalog cannot be read: ${path} (${(error as Error).message}).`,
      "The engine writes these files whole, so something else changed this one: put it back from a backup.",
    );
  }
}
