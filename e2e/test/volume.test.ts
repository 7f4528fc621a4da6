import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../scripts/test-support/limits.ts";
import { describeWith } from "../../scripts/test-support/needs.ts";
import type { Checkout } from "../support/checkout.ts";
import { query } from "../support/database.ts";
import { Sandbox } from "../support/sandbox.ts";
import { mountXfs, type Volume, xfs } from "../support/volume.ts";

/** Size of main; `npm run volume-check` asks for 1024. */
const mainMegabytes = Number(process.env.TEST_VOLUME_MB ?? 128);
const branchCount = 20;
const megabyte = 2 ** 20;

describeWith(
  xfs,
  `${branchCount} branches of a main of ${mainMegabytes} MB on a volume with reflinks`,
  { timeout: limits.longTest },
  () => {
    let folder: string;
    let volume: Volume;
    let sandbox: Sandbox;
    let checkout: Checkout;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "volume-"));
      chmodSync(folder, 0o711);
      volume = mountXfs(join(folder, "xfs"), (mainMegabytes * 3 + 1536) * megabyte);
      sandbox = new Sandbox({ home: join(volume.path, "home") });
      checkout = sandbox.readyCheckout("checkout");
      await checkout.ds(["setup", "--developer", "one"]);
      const main = (await checkout.ds(["db", "url", "--target", "dev"])).stdout.trim();
      await query(
        main,
        `create table filler as select n, repeat(md5(n::text), 30) as text
         from generate_series(1, ${mainMegabytes} * 1000) as n`,
      );
      await query(main, "vacuum (analyze, freeze) filler");
      await query(main, "checkpoint").catch(() => {}); // Only with the privilege for it.
      const [size] = await query<{ mb: number }>(
        main,
        `select pg_database_size(current_database()) / ${megabyte} as mb`,
      );
      expect(Number(size?.mb)).toBeGreaterThan(mainMegabytes * 0.9);
    }, limits.longTest);

    afterAll(async () => {
      try {
        await sandbox.close(checkout);
      } finally {
        volume.unmount();
        rmSync(folder, { recursive: true });
      }
    });

    test("take under 100 MB in all, and the 20th is made as fast as the first", async () => {
      await checkout.ds(["db", "create", "warm-up"]); // It may have to bring main to rest first.
      const before = volume.used();
      const times: number[] = [];
      for (let n = 1; n <= branchCount; n += 1) {
        times.push((await checkout.ds(["db", "create", `branch-${n}`])).elapsedMs);
      }
      const grown = (volume.used() - before) / megabyte;
      // The quickest of five: what else this machine does must not decide.
      const [first, last] = [Math.min(...times.slice(0, 5)), Math.min(...times.slice(-5))];
      console.log(
        `${branchCount} branches: ${grown.toFixed(1)} MB; first ${first.toFixed(0)} ms, last ${last.toFixed(0)} ms`,
      );
      expect(grown).toBeLessThan(100);
      // Of a large main, which is a run of its own on a machine that does nothing else.
      if (process.env.TEST_VOLUME_MB) expect(last).toBeLessThan(first * 1.5);
    });
  },
);
