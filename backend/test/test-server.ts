import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { condition } from "../../scripts/test-support/needs.ts";
import { TemporaryFolder } from "../../scripts/test-support/temporary-folder.ts";

/** A Postgres server for tests: the URL of a database on it, by a role that may create others. */
export interface TestServer {
  url: string;
  stop: () => Promise<void>;
}

const engine = path.join(import.meta.dirname, "../../cli/dist/engine.js");
const givenUrl = process.env.BACKEND_TEST_DATABASE_URL;

/** Any server to test with: the one that the environment names, or the built engine's. */
export const postgresServer = condition(
  "a Postgres server",
  () => Boolean(givenUrl) || existsSync(engine),
);

export async function startServer(): Promise<TestServer> {
  return givenUrl ? { url: givenUrl, stop: async () => undefined } : startEngine();
}

/** The engine as `ds` runs it, in a home of its own. */
async function startEngine(): Promise<TestServer> {
  const folder = new TemporaryFolder("backend-test-");
  const home = folder.make();
  const child = spawn(process.execPath, [engine, "serve", "--home", home], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    await folder.remove();
  };
  try {
    const [message] = await Promise.race([
      once(child, "message"),
      once(child, "exit").then(([code]) => [{ type: "failed", message: `exit code ${code}` }]),
    ]);
    if (message.type !== "ready") throw new Error(`The engine did not start: ${message.message}`);
    child.disconnect();
    return { url: await createProject(message.url, path.join(home, "api-key")), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns the connection string of the new project's main branch. */
async function createProject(apiUrl: string, keyFile: string): Promise<string> {
  const response = await fetch(`${apiUrl}/projects`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${readFileSync(keyFile, "utf8").trim()}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ project: { name: "backend-test" } }),
  });
  if (!response.ok) throw new Error(`No project: ${response.status} ${await response.text()}`);
  const created = (await response.json()) as { connection_uris: { connection_uri: string }[] };
  const url = created.connection_uris[0]?.connection_uri;
  if (!url) throw new Error("The new project has no connection string");
  return url;
}
