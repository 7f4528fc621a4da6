import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

export interface LogEnd {
  lines: string[];
  /** Where what is appended from now on begins, in bytes. */
  end: number;
}

/** The last lines of a log; none where there is no log yet. */
export async function lastLines(file: string, count: number): Promise<LogEnd> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n").filter((line) => line !== "");
  return { lines: lines.slice(-count), end: Buffer.byteLength(text) };
}

/** What is appended to a log, until the signal comes: ending that is how it is meant to end. */
export async function* followLog(
  file: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let position = from;
  while (!signal.aborted) {
    const size = (await stat(file).catch(() => undefined))?.size ?? 0;
    // Shorter than before: begun anew.
    if (size < position) position = 0;
    if (size > position) {
      const stream = createReadStream(file, { start: position, end: size - 1, encoding: "utf8" });
      for await (const chunk of stream) yield String(chunk);
      position = size;
    }
    await sleep(250, undefined, { signal }).catch(() => {});
  }
}
