import { inParentheses, leadingIdentifier, tokensOf } from "../scan.ts";
import type { Entry } from "./entries.ts";

/** How a type, domain or sequence that both sides have becomes the other. */
export type TypeChange =
  /** Statements; `apart`: outside of a transaction, before it. */
  | { kind: "alter"; apart: string[]; statements: string[] }
  /** A new one takes its name, and columns their values by way of their text. */
  | { kind: "swap" }
  | { kind: "refuse" };

const alter = (statements: string[], apart: string[] = []): TypeChange => ({
  kind: "alter",
  apart,
  statements,
});

export function typeChange(before: Entry, after: Entry): TypeChange {
  const [old, now] = [before.statements.join(";\n"), after.statements.join(";\n")];
  const name = /^CREATE (?:TYPE|DOMAIN) ([\s\S]+?) AS /.exec(now)?.[1];
  if (name === undefined) return { kind: "refuse" };
  if (before.type === "DOMAIN") return domainChange(name, old, now);
  const [wasEnum, isEnum] = [old, now].map((sql) => / AS ENUM \(/.test(sql));
  if (wasEnum && isEnum) return enumChange(name, old, now);
  const isRange = [old, now].every((sql) => / AS RANGE \(/.test(sql));
  if (isRange) return { kind: "swap" };
  const isComposite = [old, now].every((sql) => /^CREATE TYPE [^;]+? AS \(/.test(sql));
  return isComposite ? compositeChange(name, old, now) : { kind: "refuse" };
}

const elements = (sql: string) => inParentheses(sql)?.elements ?? [];

function enumChange(name: string, before: string, after: string): TypeChange {
  const [old, now] = [elements(before), elements(after)];
  const kept = now.filter((label) => old.includes(label));
  if (kept.length !== old.length || kept.some((label, index) => label !== old[index])) {
    return { kind: "swap" };
  }
  const apart = now.flatMap((label, index) => {
    if (old.includes(label)) return [];
    const where =
      index === 0 ? (old[0] === undefined ? "" : ` BEFORE ${old[0]}`) : ` AFTER ${now[index - 1]}`;
    return [`ALTER TYPE ${name} ADD VALUE IF NOT EXISTS ${label}${where}`];
  });
  return alter([], apart);
}

function compositeChange(name: string, before: string, after: string): TypeChange {
  const parse = (sql: string) =>
    new Map(
      elements(sql).map((each) => {
        const { name: attribute, rest } = leadingIdentifier(each);
        return [
          attribute,
          { written: each.slice(0, each.length - rest.length).trim(), type: rest },
        ] as const;
      }),
    );
  const [old, now] = [parse(before), parse(after)];
  const statements: string[] = [];
  for (const [attribute, { written }] of old) {
    if (!now.has(attribute))
      statements.push(`ALTER TYPE ${name} DROP ATTRIBUTE ${written} CASCADE`);
  }
  for (const [attribute, { written, type }] of now) {
    const was = old.get(attribute);
    if (was === undefined)
      statements.push(`ALTER TYPE ${name} ADD ATTRIBUTE ${written} ${type} CASCADE`);
    else if (was.type !== type) {
      statements.push(
        `ALTER TYPE ${name} ALTER ATTRIBUTE ${written} SET DATA TYPE ${type} CASCADE`,
      );
    }
  }
  // Attributes that stand in another order cannot be moved.
  const order = [...old.keys()].filter((each) => now.has(each));
  const expected = [...order, ...[...now.keys()].filter((each) => !old.has(each))];
  return expected.join("\0") === [...now.keys()].join("\0")
    ? alter(statements)
    : { kind: "refuse" };
}

const introducing = new Set(["DEFAULT", "NOT", "CONSTRAINT", "COLLATE"]);

function domainParts(sql: string): { type: string; parts: string[] } {
  const definition = sql.replace(/^CREATE DOMAIN [\s\S]+? AS /, "");
  const starts: number[] = [];
  let isNamed = false;
  for (const { at, depth, text, kind } of tokensOf(definition)) {
    if (kind === "space" || depth > 0) continue;
    // Within `CONSTRAINT name NOT NULL` the words belong together.
    if (introducing.has(text) && kind === "word" && !(text === "NOT" && isNamed)) {
      starts.push(at);
      isNamed = text === "CONSTRAINT";
    }
  }
  const parts = starts.map((start, index) => definition.slice(start, starts[index + 1]).trim());
  return { type: definition.slice(0, starts[0]).trim(), parts };
}

function domainChange(name: string, before: string, after: string): TypeChange {
  const [old, now] = [domainParts(before), domainParts(after)];
  const only = (parts: string[], others: string[], word: string) =>
    parts.filter((part) => part.startsWith(word) && !others.includes(part));
  if (
    old.type !== now.type ||
    only(
      [...old.parts, ...now.parts],
      old.parts.filter((part) => now.parts.includes(part)),
      "COLLATE",
    ).length > 0
  ) {
    return { kind: "swap" };
  }
  const has = (parts: string[], word: string) => parts.some((part) => part.startsWith(word));
  const constraintName = (part: string) => {
    const { name: own, rest } = leadingIdentifier(part.slice("CONSTRAINT ".length));
    return part.slice("CONSTRAINT ".length, part.length - rest.length).trim() || own;
  };
  return alter([
    ...only(old.parts, now.parts, "CONSTRAINT").map(
      (part) => `ALTER DOMAIN ${name} DROP CONSTRAINT ${constraintName(part)}`,
    ),
    ...(has(old.parts, "NOT NULL") && !has(now.parts, "NOT NULL")
      ? [`ALTER DOMAIN ${name} DROP NOT NULL`]
      : []),
    ...only(now.parts, old.parts, "CONSTRAINT").map((part) => `ALTER DOMAIN ${name} ADD ${part}`),
    ...(!has(old.parts, "NOT NULL") && has(now.parts, "NOT NULL")
      ? [`ALTER DOMAIN ${name} SET NOT NULL`]
      : []),
    ...only(now.parts, old.parts, "DEFAULT").map((part) => `ALTER DOMAIN ${name} SET ${part}`),
    ...(has(old.parts, "DEFAULT") && !has(now.parts, "DEFAULT")
      ? [`ALTER DOMAIN ${name} DROP DEFAULT`]
      : []),
  ]);
}

/** Undefined where one is a column's identity and the other is not, or the names of columns differ. */
export function sequenceChange(before: Entry, after: Entry): string[] | undefined {
  const [old = "", now = ""] = [before.statements[0], after.statements[0]];
  const identity =
    /^(ALTER TABLE [\s\S]+? ALTER COLUMN [\s\S]+?) ADD GENERATED (ALWAYS|BY DEFAULT) AS IDENTITY \(\s*SEQUENCE NAME [^\n]+\n([\s\S]*)\)$/;
  const [was, is] = [identity.exec(old), identity.exec(now)];
  const stops = (one = "", other = "") => / CYCLE\b/.test(one) && !/ CYCLE\b/.test(other);
  if (was && is) {
    if (was[1] !== is[1]) return undefined;
    const options = (is[3] ?? "")
      .trim()
      .split(/\n\s*/)
      .filter(Boolean)
      .concat(stops(was[3], is[3]) ? ["NO CYCLE"] : [])
      .map((option) => `SET ${option}`);
    const changed = was[3] === is[3] ? [] : options;
    return [
      `${is[1]} ${[...(was[2] === is[2] ? [] : [`SET GENERATED ${is[2]}`]), ...changed].join(" ")}`,
    ];
  }
  const plain = /^CREATE (UNLOGGED )?SEQUENCE ([\s\S]+?)(\n[\s\S]*)?$/;
  const [one, other] = [plain.exec(old), plain.exec(now)];
  if (was || is || !one || !other || one[2] !== other[2]) return undefined;
  const hasType = / {4}AS /.test(other[3] ?? "");
  return [
    ...(one[1] === other[1]
      ? []
      : [`ALTER SEQUENCE ${other[2]} SET ${other[1] ? "UNLOGGED" : "LOGGED"}`]),
    ...(one[3] === other[3]
      ? []
      : [
          `ALTER SEQUENCE ${other[2]}${hasType ? "" : "\n    AS bigint"}${other[3]}${stops(one[3], other[3]) ? "\n    NO CYCLE" : ""}`,
        ]),
  ];
}

/** `GENERATED ALWAYS AS IDENTITY (…)` of the statement that adds it. */
export const identityClause = (entry: Entry): string | undefined =>
  / ADD (GENERATED (?:ALWAYS|BY DEFAULT) AS IDENTITY \([\s\S]*\))$/.exec(
    entry.statements[0] ?? "",
  )?.[1];

/** Whether a function can be replaced in place: nothing but its body and its options is another. */
export function isReplaceable(before: Entry, after: Entry): boolean {
  const header = ({ statements }: Entry) =>
    /^CREATE (?:FUNCTION|PROCEDURE) [\s\S]*?\n? {4}LANGUAGE /
      .exec(statements.join(";\n"))?.[0]
      .replace(/\s+/g, " ");
  return header(before) !== undefined && header(before) === header(after);
}
