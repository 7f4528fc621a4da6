import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { connected, sql, TestProject } from "./support/branches.ts";
import { openTestEngine } from "./support/test-engine.ts";

test("work that a suspend cuts off is answered 423, as what clients try again, and can be", async () => {
  const engine = await openTestEngine();
  try {
    const project = await TestProject.create(engine);
    const role = `/branches/${project.main.id}/roles/leaver`;
    await sql(
      project.main.uri,
      `create role leaver login; grant leaver to current_user; create table held (id int);
       grant create on schema public to leaver; alter table held owner to leaver`,
    );
    await connected(project.main.uri, async (client) => {
      await client.query("begin; lock table held");
      // Has to wait for the lock, until its server stops.
      const deletion = project.call<{ code: string }>(423, "DELETE", role);
      await expect.poll(() => waiting(project.main.uri), { timeout: 30_000 }).toBe(1);
      await sleep(50);
      await project.suspend(project.main);
      expect((await deletion).code).toBe("CONFLICTING_OPERATIONS");
    });
    await project.call(200, "DELETE", role);
    await project.call(404, "GET", role);
  } finally {
    await engine.close();
  }
});

async function waiting(uri: string): Promise<number> {
  const text = "select count(*)::int as number from pg_locks where not granted";
  return (await sql<{ number: number }>(uri, text))[0]?.number ?? 0;
}
