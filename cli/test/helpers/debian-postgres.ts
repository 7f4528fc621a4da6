import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { tool } from "../../../scripts/test-support/needs.ts";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import { freePort, untilReady } from "./postgres-server.ts";

const installed = "/usr/lib/postgresql";
const nobody = 65534;

/** Folder of an older PostgreSQL with all its programs. */
export const debianPostgres = tool("Debian's postgresql", debianBinaries);

function debianBinaries(): string | undefined {
  if (!existsSync(installed)) return undefined;
  return readdirSync(installed)
    .sort()
    .map((version) => join(installed, version, "bin"))
    .find((bin) => existsSync(join(bin, "postgres")) && existsSync(join(bin, "pg_basebackup")));
}

/** A PostgreSQL of Debian's, and a hot standby that follows it. */
export class DebianPostgres {
  private readonly folder = new TemporaryFolder("ds-test-debian-");
  private readonly bin: string;
  private readonly servers: ChildProcess[] = [];
  private readonly user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

  constructor(bin: string) {
    this.bin = bin;
  }

  /** URL of the primary's database `postgres`; everybody on this machine may log in. */
  async primary(): Promise<string> {
    const data = this.newFolder("primary");
    this.run("initdb", [
      "-D",
      data,
      "-U",
      "admin",
      "-E",
      "UTF8",
      "--locale=C",
      "-A",
      "trust",
      "-N",
    ]);
    return await this.start(data);
  }

  /** URL of a standby that answers queries while it follows. */
  async standbyOf(primary: string): Promise<string> {
    const data = this.newFolder("standby");
    this.run("pg_basebackup", ["-D", data, "-R", "-c", "fast", "-X", "stream", "-d", primary]);
    appendFileSync(join(data, "postgresql.auto.conf"), "hot_standby = on\n");
    return await this.start(data);
  }

  async stop(): Promise<void> {
    for (const server of this.servers.toReversed()) {
      server.kill("SIGQUIT");
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    }
    await this.folder.remove();
  }

  private newFolder(name: string): string {
    const data = join(this.folder.make(), name);
    mkdirSync(data, { mode: 0o700 });
    if ("uid" in this.user) chownSync(data, nobody, nobody);
    return data;
  }

  private run(program: string, args: string[]): void {
    const ran = spawnSync(join(this.bin, program), args, {
      ...this.user,
      cwd: "/",
      encoding: "utf8",
    });
    if (ran.status !== 0) throw new Error(`${program}: ${ran.stderr}`);
  }

  private async start(data: string): Promise<string> {
    const port = await freePort();
    const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
    const args = ["-D", data, "-p", String(port), ...settings.flatMap((each) => ["-c", each])];
    this.servers.push(
      spawn(join(this.bin, "postgres"), args, { ...this.user, cwd: data, stdio: "ignore" }),
    );
    const url = `postgres://admin@127.0.0.1:${port}/postgres`;
    await untilReady(url);
    return url;
  }
}
