import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { processesMentioning } from "../../scripts/processes.mjs";
import { handOnHome, seedHome } from "../../scripts/seeded-home.mjs";
import { TemporaryFolder } from "../../scripts/test-support/temporary-folder.ts";
import { type Checkout, makeFreshClone, makeReadyCheckout } from "./checkout.ts";

/** What of the caller's shell must not reach the commands: it would lead them to a real database. */
const hidden = /^(DS_|NEON_|PG|DATABASE_URL|DEVSTRIDE_|npm_(?!config_)|VITEST|NODE_ENV)/;

/** One engine home with the checkouts that use it: a machine of its own, as far as `ds` can tell. */
export class Sandbox {
  readonly folder: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  private readonly temporary = new TemporaryFolder("e2e-");
  private readonly seeded: boolean;

  /** @param options `seeded`: the home is not empty at first, where a test is not about that */
  constructor(options: { home?: string; seeded?: boolean } = {}) {
    this.folder = this.temporary.path;
    this.home = options.home ?? join(this.folder, "home");
    this.seeded = options.seeded === true;
    const kept = Object.entries(process.env).filter(([name]) => !hidden.test(name));
    const own = {
      DS_HOME: this.home,
      TMPDIR: join(this.folder, "tmp"),
      NO_COLOR: "1",
      // The tests themselves may be a job of CI.
      DS_LOCAL: "1",
    };
    this.env = { ...Object.fromEntries(kept), ...own };
  }

  /** Its folders, before they are first used. */
  make(): void {
    const tmp = join(this.temporary.make(), "tmp");
    if (existsSync(tmp)) return;
    mkdirSync(tmp, { mode: 0o711 });
    if (this.seeded) seedHome(this.home);
  }

  readyCheckout(name: string): Checkout {
    this.make();
    return makeReadyCheckout(join(this.folder, name), this.env);
  }

  freshClone(name: string): Checkout {
    this.make();
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
    await checkout?.run(["engine", "stop"]);
    handOnHome(this.home);
    await this.temporary.remove(this.home);
  }
}
