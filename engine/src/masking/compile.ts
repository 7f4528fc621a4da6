import type { MaskingRule } from "../model/masking-rule.ts";
import { type Argument, type Expression, parseExpression, parseLiteral } from "./expression.ts";
import { knownFunctions, maskingFunctions, takes } from "./functions.ts";
import type { ArgumentType, MaskingFunction } from "./masking-function.ts";
import { quoted } from "./quote.ts";
import { NotReadable } from "./tokens.ts";

/** SQL of a column that a rule names; throws NotReadable where the table has none. */
export type ColumnSql = (path: string[]) => string;

/** A function that nothing here means the same as. */
export class UnknownFunction extends Error {
  constructor(name: string) {
    super(`the function ${name} is not known here`);
  }
}

/** What a rule is parsed to. Throws NotReadable or UnknownFunction. */
export function parseRule(rule: MaskingRule): Expression {
  const { masking_function: text, masking_value: value } = rule;
  if (value !== undefined) return parseLiteral(value);
  const expression = parseExpression(text ?? "");
  let inner = expression;
  while (inner.kind === "cast") inner = inner.of;
  if (inner.kind !== "call") {
    throw new NotReadable("it is no call of a function: give a constant as masking_value");
  }
  // Every function is looked up.
  compile(expression, () => "null");
  return expression;
}

/** The expression as SQL: every name in it is known, and every value quoted. */
export function compile(expression: Expression, column: ColumnSql): string {
  const inner = (each: Expression) => compile(each, column);
  switch (expression.kind) {
    case "text":
      return quoted(expression.text);
    case "number":
      return expression.text.startsWith("-") ? `(${expression.text})` : expression.text;
    case "null":
      return "null";
    case "boolean":
      return String(expression.value);
    case "column":
      return column(expression.path);
    case "array":
      return `array[${expression.items.map(inner).join(", ")}]`;
    case "cast":
      return `(${inner(expression.of)})::${expression.type}`;
    case "isNull":
      return `(${inner(expression.of)} is ${expression.not ? "not " : ""}null)`;
    case "compare":
      return `(${inner(expression.left)} ${expression.sign} ${inner(expression.right)})`;
    case "call":
      return call(expression.name, expression.args, column);
  }
}

function call(name: string, args: readonly Argument[], column: ColumnSql): string {
  const known = maskingFunctions.get(name);
  if (!known) throw new UnknownFunction(name);
  if (!takes(known, args)) throw new NotReadable(`${name} does not take these arguments`);
  const given = args.map(({ value }, at) => argument(known, at, value, column));
  const unit = args[0]?.name;
  try {
    return known.sql(...given, ...(unit === undefined ? [] : [unit]));
  } catch (error) {
    if (error instanceof RangeError) throw new NotReadable(`${name}: ${error.message}`);
    throw error;
  }
}

function argument(
  known: MaskingFunction,
  at: number,
  value: Expression,
  column: ColumnSql,
): string {
  const type = known.args[at] ?? (known.args.at(-1) as ArgumentType);
  if (type === "whole") {
    if (value.kind === "number" && /^\d+$/.test(value.text)) return value.text;
    throw new NotReadable("a whole number has to be given as such");
  }
  const sql = compile(value, column);
  if (type === "any" || type === "boolean") return sql;
  return `(${sql})::${type}`;
}

export const unknownFunctionHelp = `Known are: ${knownFunctions.join(", ")}`;
