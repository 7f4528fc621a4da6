import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, processesMentioning } from "../../scripts/processes.mjs";
import { handOnHome, seedHome } from "../../scripts/seeded-home.mjs";
import { until } from "../../scripts/test-support/until.ts";
import { type Checkout, makeFreshClone, makeReadyCheckout } from "./checkout.ts";

/** What of the caller's shell must not reach the commands: it would lead them to a real database. */
const hidden = /^(DS_|NEON_|PG|DATABASE_URL|DEVSTRIDE_|npm_(?!config_)|VITEST|NODE_ENV)/;

/** One engine home with the checkouts that use it: a machine of its own, as far as `ds` can tell. */
export class Sandbox {
  readonly folder: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;

  /** @param options `seeded`: the home is not empty at first, where a test is not about that */
  constructor(options: { home?: string; seeded?: boolean } = {}) {
    this.folder = mkdtempSync(join(tmpdir(), "e2e-"));
    // Postgres, which does not run as root, must get through to the home.
    chmodSync(this.folder, 0o711);
    this.home = options.home ?? join(this.folder, "home");
    if (options.seeded) seedHome(this.home);
    const tmp = join(this.folder, "tmp");
    mkdirSync(tmp, { mode: 0o711 });
    const kept = Object.entries(process.env).filter(([name]) => !hidden.test(name));
    this.env = { ...Object.fromEntries(kept), DS_HOME: this.home, TMPDIR: tmp, NO_COLOR: "1" };
  }

  readyCheckout(name: string): Checkout {
    return makeReadyCheckout(join(this.folder, name), this.env);
  }

  freshClone(name: string): Checkout {
    return makeFreshClone(join(this.folder, name), this.installing);
  }

  /** For commands that reach a package registry: `npm test` hides the certificates for that from the rest. */
  get installing(): NodeJS.ProcessEnv {
    const certificates = process.env.TEST_EXTRA_CA_CERTS;
    return { ...this.env, ...(certificates ? { NODE_EXTRA_CA_CERTS: certificates } : {}) };
  }

  enginePid(): number {
    const { pid } = JSON.parse(readFileSync(join(this.home, "engine.json"), "utf8"));
    return Number(pid);
  }

  /** The processes that run on this home now: the engine and every Postgres. */
  processes(): { pid: number; command: string }[] {
    return processesMentioning(this.home);
  }

  /**
   * Stops the engine as a user would and removes everything.
   * Throws when something outlives it: a test that leaves a process behind has failed.
   */
  async close(checkout?: Checkout): Promise<void> {
    const stopped = await checkout?.run(["engine", "stop"]);
    const left = await outliving(this.folder, this.home);
    for (const { pid } of left) endProcess(pid);
    handOnHome(this.home);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    if (left.length === 0) return;
    const list = left.map(({ pid, command }) => `${pid} ${command}`).join("\n");
    throw new Error(`Still running after \`ds engine stop\` (${stopped?.stderr}):\n${list}`);
  }
}

async function outliving(...paths: string[]): Promise<{ pid: number; command: string }[]> {
  const find = () => paths.flatMap((path) => processesMentioning(path));
  const end = until("their end", () => find().length === 0, { everyMs: 50, stillMs: 5_000 });
  await end.catch(() => {}); // What is left is told by name.
  return find();
}
