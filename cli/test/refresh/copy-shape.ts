import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { mask } from "../../src/config/define/masks.ts";
import { completeConfig, type RefreshRules } from "../../src/config/project-config.ts";
import { connectPostgres, withPostgres } from "../../src/postgres/io/connect.ts";
import { copyData } from "../../src/refresh/copy/io/copy-data.ts";
import type { Catalogue } from "../../src/refresh/model/catalogue.ts";
import { readCatalogue } from "../../src/refresh/model/io/read-catalogue.ts";
import type { Problem } from "../../src/refresh/model/problem.ts";
import { buildPlan } from "../../src/refresh/plan/build-plan.ts";
import type { PostgresServer } from "../helpers/postgres-server.ts";
import { silentPhases } from "../helpers/refresh/plan.ts";
import { expectedRows, summary, summaryOf } from "./expected.ts";
import { fill, personalMark, rootKey } from "./fill.ts";
import type { Shape } from "./shapes/shape.ts";
import { allRows, schemaLines } from "./stage.ts";

const copied = 2;

export interface Copied {
  /** What speaks against the copy, with the advice taken where it was. */
  problems: Problem[];
  arrived: Record<string, string>;
  expected: Record<string, string>;
  /** Rows in which something personal of production is left. */
  personal: string[];
  schema: { before: string[]; after: string[] };
}

/**
 * Fills a production of this shape and copies one of its tenants to an empty database beside it.
 *
 * @param takeAdvice columns of which the rules say nothing get the mask that the plan suggests
 */
export async function copyShape(
  server: PostgresServer,
  shape: Shape,
  takeAdvice = false,
): Promise<Copied> {
  const name = `shape_${randomBytes(6).toString("hex")}`;
  const [from, to] = [`${name}_from`, `${name}_to`];
  await withPostgres(server.adminUrl(), { what: "the server" }, async (client) => {
    await client.query(`create database ${from}`);
    await client.query(`create database ${to}`);
  });
  const [source, target] = [server.adminUrl(from), server.adminUrl(to)];
  for (const url of [source, target]) {
    await withPostgres(url, { what: "a shape" }, (client) => client.query(shape.schema));
    await shape.apply?.(url);
  }
  const { catalogue, made } = await withPostgres(source, { what: "production" }, async (client) => {
    const read = await readCatalogue(client, { what: "production", without: [] });
    await emptied(client, read);
    const rows = await fill(client, read, shape.fill);
    await client.query("analyze");
    return { catalogue: read, made: rows };
  });
  const filled = { catalogue, options: shape.fill, made, tables: shape.whole };
  const root = made.get(shape.fill.root)?.find(({ tenant }) => tenant === copied);
  const tenant = String(root?.values[rootKey(catalogue, shape.fill)]);
  const { plan, problems } = planFor(shape, catalogue, tenant, takeAdvice);

  return await withPostgres(target, { what: "main" }, async (client) => {
    const before = await schemaLines(client);
    if (problems.length === 0) {
      await copyData(
        {
          plan,
          source: { connect: () => connectPostgres(source, { what: "production" }) },
          target: { connect: () => connectPostgres(target, { what: "main" }) },
          values: { tenant, maskKey: "a key for the masks of a test" },
          streams: 2,
        },
        silentPhases,
        new AbortController().signal,
      );
    }
    return {
      problems,
      arrived: await summaryOf(client, catalogue),
      expected: summary(catalogue, expectedRows(filled, copied)),
      personal: (await allRows(client)).filter((line) => personalMark.test(line)),
      schema: { before, after: await schemaLines(client) },
    };
  });
}

/** A product's own set-up leaves rows behind. */
async function emptied(client: Client, { tables }: Catalogue): Promise<void> {
  const names = tables.map(({ schema, name }) => `"${schema}"."${name}"`);
  await client.query(`truncate ${names.join(", ")}`);
}

function planFor(shape: Shape, catalogue: Catalogue, organization: string, takeAdvice: boolean) {
  let rules = rulesOf(shape.rules);
  for (;;) {
    const result = buildPlan({ source: catalogue, target: catalogue, rules, organization });
    const advice = result.problems.filter(({ kind }) => kind === "column");
    if (!takeAdvice || advice.length === 0) return result;
    const columns = evaluate<RefreshRules["columns"]>(
      `{ ${advice.map(({ suggestion }) => suggestion).join("\n")} }`,
    );
    rules = { ...rules, columns: { ...rules.columns, ...columns } };
  }
}

function rulesOf(text: string): RefreshRules {
  const { refresh } = completeConfig({ project: "shape", refresh: evaluate(text) }, "/", undefined);
  if (!refresh) throw new Error("no rules");
  return refresh;
}

/** The text as ds.config.ts would have it. */
function evaluate<T>(text: string): T {
  return new Function("mask", `return ${text}`)(mask) as T;
}
