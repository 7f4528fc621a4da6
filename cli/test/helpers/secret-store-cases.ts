import { describe, expect, test } from "vitest";
import type { SecretStore } from "../../src/secrets/io/secret-store.ts";

/** What holds for every secret store; the names begin with a prefix of the run's own. */
export function secretStoreCases(open: () => Promise<SecretStore>): void {
  const prefix = `/ds/t${process.pid}/`;
  const name = (stage: string) => `${prefix}${stage}/database`;

  describe("put", () => {
    test("created, unchanged, updated, and back to what it was", async () => {
      const store = await open();
      expect(await store.get(name("a"))).toBeUndefined();
      expect(await store.find(name("a"))).toBeUndefined();
      expect(await store.put(name("a"), "one")).toBe("created");
      expect(await store.put(name("a"), "one")).toBe("unchanged");
      expect(await store.put(name("a"), "two")).toBe("updated");
      expect(await store.get(name("a"))).toBe("two");
      // A value that comes back is no repetition of its first time.
      expect(await store.put(name("a"), "one")).toBe("updated");
      expect(await store.get(name("a"))).toBe("one");
      expect(await store.find(name("a"))).toMatchObject({ name: name("a"), deletedAt: undefined });
    });

    test("two at once: one value, no failure", async () => {
      const store = await open();
      const changes = await Promise.all([
        store.put(name("race"), "same"),
        store.put(name("race"), "same"),
      ]);
      expect(changes).toContain("created");
      expect(await store.get(name("race"))).toBe("same");
    });
  });

  describe("delete", () => {
    test("with a recovery window: gone for readers, restored by the next put", async () => {
      const store = await open();
      await store.put(name("b"), "one");
      expect(await store.delete(name("b"), { recoveryDays: 7 })).toBe("deleted");
      expect(await store.get(name("b"))).toBeUndefined();
      expect((await store.find(name("b")))?.deletedAt).toMatch(/^\d{4}-/);
      expect(await store.delete(name("b"), { recoveryDays: 7 })).toBe("absent");
      expect(await store.put(name("b"), "two")).toBe("restored");
      expect(await store.get(name("b"))).toBe("two");
      await store.delete(name("b"), { recoveryDays: 7 });
      // With the very value that it had.
      expect(await store.put(name("b"), "two")).toBe("restored");
      expect(await store.get(name("b"))).toBe("two");
    });

    test("at once, also of one that waits for its deletion; again: absent", async () => {
      const store = await open();
      await store.put(name("c"), "one");
      await store.delete(name("c"), { recoveryDays: 7 });
      expect(await store.delete(name("c"), "now")).toBe("deleted");
      expect(await store.delete(name("c"), "now")).toBe("absent");
      expect(await store.find(name("c"))).toBeUndefined();
      expect(await store.put(name("c"), "one")).toBe("created");
    });
  });

  test("list: exact prefix, page after page, with those that wait for their deletion", async () => {
    const store = await open();
    const stages = ["l1", "l2", "l3", "l4", "l5"];
    for (const stage of stages) await store.put(`${prefix}list/${stage}`, stage);
    await store.put(`${prefix}LIST/other`, "x");
    await store.delete(`${prefix}list/l2`, { recoveryDays: 7 });
    const found = await store.list(`${prefix}list/`);
    expect(found.map((secret) => secret.name).sort()).toEqual(
      stages.map((stage) => `${prefix}list/${stage}`),
    );
    expect(found.filter(({ deletedAt }) => deletedAt).map((secret) => secret.name)).toEqual([
      `${prefix}list/l2`,
    ]);
    expect(JSON.stringify(found)).not.toContain('"value"');
  });
}
