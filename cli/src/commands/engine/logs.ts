import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";

interface Flags {
  lines: string | undefined;
  follow: boolean;
}

export default async function logs(
  { engine, output, signal }: AppContext,
  flags: Flags,
): Promise<void> {
  const count = Number(flags.lines ?? 100);
  if (!Number.isInteger(count) || count < 1) {
    throw new DsError("USAGE", `--lines must be a whole number above 0, not "${flags.lines}"`);
  }
  if (flags.follow && output.json)
    throw new DsError("USAGE", "--follow has no end, so it cannot be one JSON document");
  const { logFile } = await engine();
  const text = await readFile(logFile, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .slice(-count);
  output.result({ file: logFile, lines }, lines.join("\n"));
  if (lines.length === 0) output.note(`${logFile} is empty`);
  if (flags.follow)
    await follow(logFile, Buffer.byteLength(text), (chunk) => output.stream(chunk), signal);
}

/** Prints what is appended until the signal comes: ending that is how it is meant to end. */
async function follow(
  file: string,
  from: number,
  print: (text: string) => void,
  signal: AbortSignal,
) {
  let position = from;
  while (!signal.aborted) {
    const size = (await stat(file).catch(() => undefined))?.size ?? 0;
    // Shorter than before: begun anew.
    if (size < position) position = 0;
    if (size > position) {
      const stream = createReadStream(file, { start: position, end: size - 1, encoding: "utf8" });
      for await (const chunk of stream) print(String(chunk));
      position = size;
    }
    await sleep(250, undefined, { signal }).catch(() => {});
  }
}
