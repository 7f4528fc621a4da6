import { afterAll, beforeAll, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";
import { copyShape } from "./copy-shape.ts";
import { issueTracker } from "./shapes/issue-tracker.ts";
import { scheduling } from "./shapes/scheduling.ts";
import type { Shape } from "./shapes/shape.ts";
import { supportDesk } from "./shapes/support-desk.ts";

// Schemas after the shape of well-known products: what arrives is what one tenant owns and needs, no more.

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

test.each<[string, Shape]>([
  ["an issue tracker on Django", issueTracker],
  ["a support desk on Rails", supportDesk],
  ["a scheduling product on Prisma", scheduling],
])("%s", async (_name, shape) => {
  const { problems, arrived, expected, personal, schema } = await copyShape(server, shape);
  expect(problems).toEqual([]);
  expect(arrived).toEqual(expected);
  expect(personal).toEqual([]);
  expect(schema.after).toEqual(schema.before);
});
