import { fileURLToPath } from "node:url";
import { DsError } from "../../../errors/ds-error.ts";
import { runChild } from "../../../lib/process/io/run-child.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { errorOf } from "../answer.ts";

/** As it lies beside the bundle that this is a part of. */
const program = () => fileURLToPath(new URL("../bin/ds.js", import.meta.url));

/**
 * A command of ds as a process of its own, and its document: what has been edited since this one began counts, and a
 * cancelled call is a command that was interrupted.
 */
export async function runDs(
  { cwd, env, local, signal }: Pick<Runtime, "cwd" | "env" | "local" | "signal">,
  args: readonly string[],
): Promise<Record<string, unknown>> {
  const words = [program(), ...args, "--json", ...(local ? ["--local"] : [])];
  const ended = await runChild(
    { program: process.execPath, args: words, cwd, env, ownGroup: true },
    { signal, stop: { by: "SIGINT", whom: "leader" } },
  );
  signal.throwIfAborted();
  const document = parse(ended.stdout.toString("utf8"));
  if (document === undefined) {
    throw new DsError("UNEXPECTED", `ds ${args.join(" ")} ended without an answer`, {
      reason: "NO_DOCUMENT",
    });
  }
  // What a look has found pending is an answer.
  const { error } = document as { error?: { code?: string } };
  if (error && error.code !== "PENDING") throw errorOf(document);
  if (error) delete document.error;
  return document;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
