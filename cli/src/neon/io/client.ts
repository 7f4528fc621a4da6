import type { HasEngine } from "../../engine/io/daemon.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { Asker } from "./ask.ts";
import { type BranchCalls, branchCalls } from "./branch-calls.ts";
import { apiAccess } from "./credentials.ts";
import { type DatabaseCalls, databaseCalls } from "./database-calls.ts";
import { type EndpointCalls, endpointCalls } from "./endpoint-calls.ts";
import { type ProjectCalls, projectCalls } from "./project-calls.ts";
import { NeonReader } from "./reader.ts";
import { openTransport } from "./transport.ts";
import { NeonWriter } from "./writer.ts";

/**
 * Neon's management API, in the words of this code base. Every failure is a DsError. Reads are plain GETs
 * (reader.ts), changes go through the SDK (writer.ts); what each call asks is in the file of its resource.
 */
export interface Neon extends ProjectCalls, BranchCalls, EndpointCalls, DatabaseCalls {
  /** Base URL without credentials, for people. */
  readonly url: string;
  /** Whether it is the engine of this home that answers: it decides how things are said and read, never what is done. */
  readonly local: boolean;
  /** How many data directories the local engine has set aside; 0 for the cloud, and where it does not tell. */
  setAside(): Promise<number>;
  /** Asks at once what will probably be asked one by one. */
  prefetch(questions: readonly string[]): void;
  /** The direct connection string that is among what was prefetched, as soon as the API has said it. */
  prefetchedUrl(questions: readonly string[]): Promise<string | undefined>;
  /** The questions that were asked and answered, for `prefetch` of the next command. */
  answered(): string[];
}

export async function connectNeon(
  context: Pick<Runtime, "env" | "local" | "output" | "signal"> & HasEngine,
): Promise<Neon> {
  const access = await apiAccess(context);
  const transport = openTransport();
  const reader = new NeonReader(
    access,
    new Asker(access, transport, context.signal),
    context.signal,
  );
  const writer = new NeonWriter(access, transport, reader, {
    signal: context.signal,
    changes: context.output.changes,
  });
  return {
    url: access.url,
    local: access.local,
    setAside: async () => {
      if (!access.local) return 0;
      const status = await (await context.engine()).status().catch(() => undefined);
      return status?.quarantine.length ?? 0;
    },
    prefetch: (questions) => reader.prefetch(questions),
    prefetchedUrl: async (questions) => {
      const question = questions.find((text) => /\/connection_uri\?.*\bpooled=false\b/.test(text));
      const answer = question === undefined ? undefined : await reader.peek(question);
      return (answer as { uri?: string } | undefined)?.uri;
    },
    answered: () => [...reader.answered],
    ...projectCalls(reader, writer),
    ...branchCalls(reader, writer),
    ...endpointCalls(reader, writer),
    ...databaseCalls(reader),
  };
}

export interface HasNeon {
  /** Neon's management API: the cloud's, or the local engine's (started when none answers). */
  neon(): Promise<Neon>;
}
