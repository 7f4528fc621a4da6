import { describe, expect, test } from "vitest";
import { catalogueOf } from "../../../test/helpers/refresh/catalogue.ts";
import { shownReason } from "../../../test/helpers/refresh/problem.ts";
import type { Problem } from "../model/problem.ts";
import { fitTable } from "./type-fit.ts";

/** What reading `a` ends in, column by column, and what speaks against it. */
function fit(from: string, to: string, enums: [string[], string[]] = [[], []]) {
  const make = (columns: string, labels: string[]) =>
    catalogueOf(`a(id bigint pk, ${columns})`, {
      enums: { "public.mood": labels },
      domains: { "public.mail": "text", "public.short": "character varying(9)" },
    });
  const [source, target] = [make(from, enums[0]), make(to, enums[1])];
  const problems: Problem[] = [];
  const [table] = source.tables;
  if (!table) throw new Error("no table");
  const columns = fitTable(table, source, target, problems);
  return {
    casts: columns
      .filter(({ column }) => column.name !== "id")
      .map(({ column, cast }) => `${column.name}${cast}`),
    problems: problems.map((problem) => `${problem.subject}: ${shownReason(problem)}`),
  };
}

describe("types of the two sides", () => {
  test.each([
    ["bigint", "bigint", ""],
    ["integer", "bigint", "::bigint"],
    ["smallint", "integer", "::integer"],
    ["integer", "numeric", "::numeric"],
    ["real", "double precision", "::double precision"],
    ["numeric(8,2)", "numeric(10,2)", "::numeric(10,2)"],
    ["numeric(8,2)", "numeric", "::numeric"],
    ["character varying(40)", "text", "::text"],
    ["character varying(40)", "character varying(80)", "::character varying(80)"],
    ["text", "public.mail", "::public.mail"],
    ["public.mail", "text", "::text"],
    ["json", "jsonb", "::jsonb"],
    ["timestamp(3) with time zone", "timestamp with time zone", "::timestamp with time zone"],
    ["text[]", "text[]", ""],
    ["public.vector(3)", "public.vector(3)", ""],
  ])("%s may become %s", (from, to, cast) => {
    expect(fit(`x ${from}`, `x ${to}`)).toEqual({ casts: [`x${cast}`], problems: [] });
  });

  test.each([
    ["bigint", "double precision"],
    ["bigint", "integer"],
    ["bigint", "numeric(10,2)"],
    ["double precision", "bigint"],
    ["double precision", "real"],
    ["numeric(10,2)", "numeric(8,2)"],
    ["numeric", "numeric(8,2)"],
    ["numeric(10,4)", "numeric(12,2)"],
    ["text", "character varying(40)"],
    ["text", "public.short"],
    ["character varying(80)", "character varying(40)"],
    ["text", "uuid"],
    ["text", "text[]"],
    ["jsonb", "json"],
    ["timestamp with time zone", "timestamp without time zone"],
    ["boolean", "integer"],
    ["text", "public.mood"],
    ["public.vector(3)", "public.vector(4)"],
  ])("%s may not become %s", (from, to) => {
    const problems = [`a.x: TYPES_DIFFER ${from} ${to}`];
    expect(fit(`x ${from}`, `x ${to}`)).toEqual({ casts: [], problems });
  });

  test.each(["oid", "regclass", "regproc[]", "xid", "pg_lsn"])("%s is of one server", (type) => {
    const source = catalogueOf(`a(x ${type})`);
    const [table] = source.tables;
    expect(table && fitTable(table, source, source, [])).toMatchObject([{ ofOneServer: true }]);
  });

  test.each([
    [["a", "b"], ["b", "a", "c"], []],
    [["a", "b", "c"], ["a"], ["a.x: LABELS_MISSING public.mood b c"]],
  ])("an enum of %j into one of %j", (from, to, problems) => {
    expect(fit("x public.mood", "x public.mood", [from, to]).problems).toEqual(problems);
    expect(fit("x public.mood[]", "x public.mood[]", [from, to]).problems).toEqual(
      problems.map((problem) => problem.replace("mood b", "mood[] b")),
    );
  });
});

test("a domain of one name over two types", () => {
  const [source, target] = ["bigint", "double precision"].map((base) =>
    catalogueOf("a(id bigint pk, x public.amount)", { domains: { "public.amount": base } }),
  );
  const problems: Problem[] = [];
  const [table] = source?.tables ?? [];
  if (!table || !source || !target) throw new Error("no table");
  fitTable(table, source, target, problems);
  expect(problems.map(shownReason)).toEqual([
    "TYPES_DIFFER public.amount (bigint) public.amount (double precision)",
  ]);
});

describe("columns of the two sides", () => {
  test.each([
    ["x text, y text", "x text", ["x"], ["a.y: MISSING_ON_MAIN"]],
    ["x text", "x text, y text!", ["x"], ["a.y: REQUIRED_ON_MAIN"]],
    ["x text", "x text, y text! = default", ["x"], []],
    ["x text", "x text, y text", ["x"], []],
    ["x text", "y text, x text", ["x"], []],
    ["x text", "x text!", [], ["a.x: NOT_NULL_ON_MAIN"]],
    ["x text!", "x text", ["x"], []],
    ["x text = generated", "x text = generated", [], []],
    ["x text", "x text = generated", [], []],
    ["x text = generated", "x text", ["x"], []],
    ["x text = generated", "y text", [], []],
  ])("%s into %s", (from, to, casts, problems) => {
    expect(fit(from, to)).toEqual({ casts, problems });
  });

  test("a table that main does not have", () => {
    const source = catalogueOf("a(id bigint pk)");
    const problems: Problem[] = [];
    const [table] = source.tables;
    if (table) fitTable(table, source, catalogueOf("b(id bigint pk)"), problems);
    expect(problems).toEqual([
      {
        kind: "types",
        subject: "a",
        reason: { code: "MISSING_ON_MAIN" },
        suggestion: 'tables: { "a": "skip" }  // or migrate main',
      },
    ]);
  });
});
