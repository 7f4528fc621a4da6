import type { HasEngine } from "../../engine/io/daemon.ts";
import { once } from "../../lib/async/once.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Organization } from "../organization.ts";
import { Asker } from "./ask.ts";
import { type BranchCalls, branchCalls } from "./branch-calls.ts";
import { apiAccess } from "./credentials.ts";
import { type DatabaseCalls, databaseCalls } from "./database-calls.ts";
import { type EndpointCalls, endpointCalls } from "./endpoint-calls.ts";
import { type ProjectCalls, projectCalls } from "./project-calls.ts";
import { NeonReader } from "./reader.ts";
import { type SnapshotCalls, snapshotCalls } from "./snapshot-calls.ts";
import { openTransport } from "./transport.ts";
import { NeonWriter } from "./writer.ts";

/**
 * Neon's management API, in the words of this code base. Every failure is a DsError. Reads are plain GETs
 * (reader.ts), changes go through the SDK (writer.ts); what each call asks is in the file of its resource.
 */
export interface Neon
  extends ProjectCalls,
    BranchCalls,
    EndpointCalls,
    DatabaseCalls,
    SnapshotCalls {
  /** Base URL without credentials, for people. */
  readonly url: string;
  /** Whether it is the engine of this home that answers: it decides how things are said and read, never what is done. */
  readonly local: boolean;
  /** How many data directories the local engine has set aside; 0 for the cloud, and where it does not tell. */
  setAside(): Promise<number>;
  /** Id of the organization whose projects are listed, and in which they are made; undefined where the API key says it. */
  organization(): Promise<string | undefined>;
  /** The organizations of the API key; undefined where it may not list them. Fails where it is not accepted. */
  organizations(): Promise<Organization[] | undefined>;
  /** Asks at once what will probably be asked one by one. */
  prefetch(questions: readonly string[]): void;
  /** The direct connection string that is among what was prefetched, as soon as the API has said it. */
  prefetchedUrl(questions: readonly string[]): Promise<string | undefined>;
  /** The questions that were asked and answered, for `prefetch` of the next command. */
  answered(): string[];
}

/** How the organization is found, see find-organization.ts. */
type FindOrganization = (reader: NeonReader, api: string) => Promise<string | undefined>;

const defaultWaitMs = 5 * 60_000;

/** @param findOrganization left out by those who neither list nor make projects */
export async function connectNeon(
  context: Pick<Runtime, "env" | "local" | "output" | "signal" | "waitMs"> & HasEngine,
  findOrganization: FindOrganization = async () => undefined,
): Promise<Neon> {
  const { output, signal, waitMs = defaultWaitMs } = context;
  const access = await apiAccess(context);
  const transport = openTransport();
  const persistence = { signal, waitMs, tell: (text: string) => output.note(text) };
  const readUntil = (end: AbortSignal) =>
    new NeonReader(access, new Asker(access, transport, end), { ...persistence, signal: end });
  const reader = readUntil(signal);
  const steady = readUntil(new AbortController().signal);
  const { changes } = output;
  const writer = new NeonWriter(access, transport, { reader, steady }, { persistence, changes });
  const organization = once(async () =>
    access.local ? undefined : await findOrganization(reader, access.url),
  );
  return {
    url: access.url,
    local: access.local,
    setAside: async () => {
      if (!access.local) return 0;
      const status = await (await context.engine()).status().catch(() => undefined);
      return status?.quarantine.length ?? 0;
    },
    organization,
    organizations: async () => (await import("./find-organization.ts")).organizationsOf(reader),
    prefetch: (questions) => reader.prefetch(questions),
    prefetchedUrl: async (questions) => {
      const question = questions.find((text) => /\/connection_uri\?.*\bpooled=false\b/.test(text));
      const answer = question === undefined ? undefined : await reader.peek(question);
      return (answer as { uri?: string } | undefined)?.uri;
    },
    answered: () => [...reader.answered],
    ...projectCalls(reader, writer, organization),
    ...branchCalls(reader, writer),
    ...endpointCalls(reader, writer),
    ...databaseCalls(reader),
    ...snapshotCalls(reader, writer),
  };
}

export interface HasNeon {
  /** Neon's management API: the cloud's, or the local engine's (started when none answers). */
  neon(): Promise<Neon>;
}
