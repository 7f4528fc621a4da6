import type { AppContext } from "../../app-context.ts";
import { followLog, lastLines } from "../../engine/io/log.ts";
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
  const { logFile: file } = await engine();
  const { lines, end } = await lastLines(file, count);
  output.result({ file, lines }, lines.join("\n"));
  if (lines.length === 0) output.note(`${file} is empty`);
  if (!flags.follow) return;
  for await (const text of followLog(file, end, signal)) output.stream(text);
}
