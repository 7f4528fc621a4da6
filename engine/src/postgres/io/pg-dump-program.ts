import { spawn } from "node:child_process";
import { type AdminAddress, adminRole, adminSettings, startupOptions } from "./admin.ts";
import type { PostgresUser } from "./os-user.ts";
import { dumpFailed, dumpLimits, tidyDump, tookTooLong, tooLarge } from "./pg-dump.ts";

interface DumpProgram {
  program: string;
  /** Whom it runs as. */
  user: PostgresUser | undefined;
}

/** What `dumpSchema` of pg-dump.ts gives, by an installed pg_dump: of the same version as the server. */
export async function dumpWithProgram(
  { program, user }: DumpProgram,
  address: AdminAddress,
  database: string,
): Promise<string> {
  const settings = await adminSettings(address, database);
  return dumpLimits.atOnce.run(async () => {
    const child = spawn(
      program,
      ["--schema-only", "--no-password", `--lock-wait-timeout=${dumpLimits.lockWaitMs}`],
      {
        cwd: "/",
        env: {
          ...{
            LC_ALL: "C",
            PGHOST: "127.0.0.1",
            PGPORT: String(address.port),
            PGSSLMODE: "disable",
          },
          ...{ PGUSER: adminRole, PGDATABASE: database, PGPASSWORD: address.password },
          ...{ PGAPPNAME: "ds pg_dump", PGCLIENTENCODING: "UTF8" },
          PGOPTIONS: startupOptions({
            ...settings,
            client_connection_check_interval: "1s",
            standard_conforming_strings: "on",
          }),
        },
        stdio: ["ignore", "pipe", "pipe"],
        ...user,
      },
    );
    const timer = setTimeout(() => child.kill("SIGKILL"), dumpLimits.timeoutMs);
    try {
      const words = textOf(child.stderr, 64 * 1024);
      const text = await textOf(child.stdout, dumpLimits.largestText);
      const status = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
        else child.once("exit", resolve);
      });
      if (text === undefined) throw tooLarge();
      if (child.signalCode === "SIGKILL") throw tookTooLong();
      if (status !== 0) throw dumpFailed(((await words) ?? "").trim());
      return tidyDump(withoutKeys(text));
    } finally {
      clearTimeout(timer);
      child.kill("SIGKILL");
    }
  });
}

/** The whole text; undefined where it is longer than that. */
async function textOf(stream: NodeJS.ReadableStream, most: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size <= most) chunks.push(chunk as Buffer);
  }
  return size > most ? undefined : Buffer.concat(chunks).toString("utf8");
}

/** Random in each dump; they are for psql. */
const withoutKeys = (text: string): string => text.replace(/^\\(un)?restrict \S+\n\n?/gm, "");
