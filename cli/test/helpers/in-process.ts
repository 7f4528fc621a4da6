import { run as runApp } from "@stricli/core";
import { checkDocument } from "../../../scripts/test-support/documents.ts";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { makeContext } from "../../src/app-context.ts";
import type { DsError } from "../../src/errors/ds-error.ts";
import { toDsError } from "../../src/errors/to-ds-error.ts";
import { parseDuration } from "../../src/lib/format/duration.ts";
import { buildApp } from "../../src/routes/app.ts";
import { Output } from "../../src/runtime/output.ts";

export interface InProcess {
  cwd: string;
  home: string;
  env: Record<string, string | undefined>;
  signal?: AbortSignal;
}

/** A whole command line, flags and all, without the cost of a process. Nobody can be asked. */
export async function dsInProcess(place: InProcess, args: string[]): Promise<Ended> {
  const text = { stdout: "", stderr: "" };
  const into = (stream: "stdout" | "stderr") => ({
    write: (chunk: string) => {
      text[stream] += chunk;
    },
  });
  const streams = { stdout: into("stdout"), stderr: into("stderr"), env: place.env };
  let failure: DsError | undefined;
  const app = buildApp("test", async ({ wait, ...flags }, work) => {
    const output = new Output({ ...streams, ...flags });
    try {
      await work(
        makeContext({
          ...place,
          waitMs: wait === undefined ? undefined : parseDuration(wait),
          version: "test",
          interactive: false,
          terminal: { input: process.stdin, output: process.stderr },
          output,
          signal: place.signal ?? new AbortController().signal,
          takeSignals: () => {},
        }),
      );
    } catch (error) {
      failure = toDsError(error);
      output.failure(failure, process.env.DS_DEBUG && (error as Error).stack);
    }
  });
  const frame = { process: { ...streams, exitCode: undefined as number | undefined } };
  await runApp(app, args, frame as never);
  await checkDocument(args, text.stdout);
  return { ...text, status: failure?.status ?? (frame.process.exitCode ? 2 : 0), signal: null };
}
