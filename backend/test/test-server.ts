import { existsSync } from "node:fs";
import { Daemon, engineProgram } from "../../scripts/test-support/daemon.ts";
import { condition } from "../../scripts/test-support/needs.ts";
import { TemporaryFolder } from "../../scripts/test-support/temporary-folder.ts";

/** A Postgres server for tests: the URL of a database on it, by a role that may create others. */
export interface TestServer {
  url: string;
  stop: () => Promise<void>;
}

const givenUrl = process.env.BACKEND_TEST_DATABASE_URL;

/** Any server to test with: the one that the environment names, or the built engine's. */
export const postgresServer = condition(
  "a Postgres server",
  () => Boolean(givenUrl) || existsSync(engineProgram),
);

export async function startServer(): Promise<TestServer> {
  return givenUrl ? { url: givenUrl, stop: async () => undefined } : startEngine();
}

/** The engine as `ds` runs it, in a home of its own. */
async function startEngine(): Promise<TestServer> {
  const folder = new TemporaryFolder("backend-test-");
  const home = folder.make();
  let engine: Daemon | undefined;
  const stop = async () => {
    await engine?.stop();
    await folder.remove();
  };
  try {
    engine = await Daemon.start(home);
    const project = { name: "backend-test" };
    const made = await engine.call<Created>(201, "POST", "/projects", { project });
    const url = made.connection_uris[0]?.connection_uri;
    if (!url) throw new Error("The new project has no connection string");
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Created {
  connection_uris: { connection_uri: string }[];
}
