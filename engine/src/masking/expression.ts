import { NotReadable, type Token, tokensOf } from "./tokens.ts";

/**
 * What a masking rule says, as a tree: the few forms of SQL that rules are made of. Nothing of a rule's text ever
 * becomes SQL as it is written.
 */
export type Expression =
  | { kind: "text"; text: string }
  | { kind: "number"; text: string }
  | { kind: "null" }
  | { kind: "boolean"; value: boolean }
  /** `path`: of a column, perhaps with its table and schema. */
  | { kind: "column"; path: string[] }
  | { kind: "array"; items: Expression[] }
  | { kind: "cast"; of: Expression; type: string }
  | { kind: "isNull"; of: Expression; not: boolean }
  | { kind: "compare"; sign: string; left: Expression; right: Expression }
  | { kind: "call"; name: string; args: Argument[] };

export interface Argument {
  /** `words := 3` */
  name?: string;
  value: Expression;
}

/** Types that a rule may name. All are Postgres' own, so that no code of an owner runs for them. */
const types = new Set(
  `text varchar bpchar char int int2 int4 int8 integer smallint bigint numeric decimal real float4 float8 boolean bool
   date time timetz timestamp timestamptz interval uuid json jsonb inet cidr macaddr bytea`.split(
    /\s+/,
  ),
);

const comparisons = ["=", "<>", "!=", "<", ">", "<=", ">="];
const longestText = 2000;
const deepest = 20;

/** Throws NotReadable. */
export function parseExpression(text: string): Expression {
  if (text.length > longestText)
    throw new NotReadable(`it has more than ${longestText} characters`);
  if (text.includes("\0")) throw new NotReadable("it has a NUL character");
  const reader = new Reader(tokensOf(text));
  const expression = reader.condition(0);
  reader.end();
  return expression;
}

/** A value that is the same for every row. Throws NotReadable. */
export function parseLiteral(text: string): Expression {
  const expression = parseExpression(text);
  let inner = expression;
  while (inner.kind === "cast") inner = inner.of;
  if (inner.kind === "column" || inner.kind === "call" || inner.kind === "array") {
    throw new NotReadable("it is no literal: write texts in single quotes, as in 'CONFIDENTIAL'");
  }
  return expression;
}

class Reader {
  readonly #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  end(): void {
    const token = this.#tokens[this.#at];
    if (token) throw new NotReadable(`"${token.text}" is too much`);
  }

  condition(depth: number): Expression {
    if (depth > deepest) throw new NotReadable("it is nested too deeply");
    const left = this.#value(depth);
    if (this.#takesName("is")) {
      const not = this.#takesName("not");
      if (!this.#takesName("null")) throw new NotReadable('"null" is missing behind "is"');
      return { kind: "isNull", of: left, not };
    }
    const sign = comparisons.find((each) => this.#takes(each));
    if (sign === undefined) return left;
    return { kind: "compare", sign, left, right: this.#value(depth) };
  }

  #value(depth: number): Expression {
    let value = this.#plain(depth);
    while (this.#takes("::")) value = { kind: "cast", of: value, type: this.#type() };
    return value;
  }

  #plain(depth: number): Expression {
    if (this.#takes("-")) {
      const number = this.#next();
      if (number.kind !== "number") throw new NotReadable('a number is missing behind "-"');
      return { kind: "number", text: `-${number.text}` };
    }
    const token = this.#next();
    if (token.kind === "string") return { kind: "text", text: token.text };
    if (token.kind === "number") return { kind: "number", text: token.text };
    if (token.kind === "sign") throw new NotReadable(`"${token.text}" is not understood`);
    if (token.quoted) return this.#named(token.text, depth);
    switch (token.text) {
      case "null":
        return { kind: "null" };
      case "true":
      case "false":
        return { kind: "boolean", value: token.text === "true" };
      case "array":
        return { kind: "array", items: this.#items("[", "]", depth) };
      default:
        return this.#named(token.text, depth);
    }
  }

  #named(first: string, depth: number): Expression {
    const path = [first];
    while (this.#takes(".")) path.push(this.#name());
    if (!this.#sees("(")) return { kind: "column", path };
    return { kind: "call", name: path.join("."), args: this.#args(depth) };
  }

  #args(depth: number): Argument[] {
    const args: Argument[] = [];
    this.#expect("(");
    if (this.#takes(")")) return args;
    do {
      const name = this.#argumentName();
      const value = this.condition(depth + 1);
      args.push(name === undefined ? { value } : { name, value });
    } while (this.#takes(","));
    this.#expect(")");
    return args;
  }

  #argumentName(): string | undefined {
    const [name, sign] = this.#tokens.slice(this.#at, this.#at + 2);
    const isNamed = name?.kind === "name" && (isSign(sign, ":=") || isSign(sign, "=>"));
    if (!isNamed) return undefined;
    this.#at += 2;
    return name.text;
  }

  #items(open: string, close: string, depth: number): Expression[] {
    const items: Expression[] = [];
    this.#expect(open);
    do items.push(this.condition(depth + 1));
    while (this.#takes(","));
    this.#expect(close);
    return items;
  }

  #type(): string {
    let type = this.#name();
    if (type === "pg_catalog" && this.#takes(".")) type = this.#name();
    if (type === "double" && this.#takesName("precision")) type = "float8";
    if (!types.has(type))
      throw new NotReadable(`the type "${type}" is not one that a rule may name`);
    if (!this.#takes("[")) return type;
    this.#expect("]");
    return `${type}[]`;
  }

  #name(): string {
    const token = this.#next();
    if (token.kind !== "name") throw new NotReadable(`a name is missing before "${token.text}"`);
    return token.text;
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    if (!token) throw new NotReadable("it ends too early");
    this.#at += 1;
    return token;
  }

  #sees(text: string): boolean {
    return isSign(this.#tokens[this.#at], text);
  }

  #takes(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.#at += 1;
    return true;
  }

  #takesName(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "name" || token.quoted || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw new NotReadable(`"${text}" is missing`);
  }
}

const isSign = (token: Token | undefined, text: string): boolean =>
  token?.kind === "sign" && token.text === text;
