// A TypeScript type as JSON Schema (draft 2020-12): what `JSON.stringify` makes of its values.
import { SyntaxKind } from "typescript/unstable/ast";
import {
  isCallExpression,
  isObjectLiteralExpression,
  isPropertyAssignment,
} from "typescript/unstable/ast/is";
import { ObjectFlags, SymbolFlags, TypeFlags } from "typescript/unstable/sync";

/** @typedef {import("typescript/unstable/sync").Type} Type */
/** @typedef {import("typescript/unstable/sync").Checker} Checker */
/** @typedef {{ [key: string]: unknown }} Schema */

const primitives = /** @type {const} */ ([
  [TypeFlags.String, "string"],
  [TypeFlags.Number, "number"],
  [TypeFlags.Boolean, "boolean"],
  [TypeFlags.Null, "null"],
]);

const constants = [SyntaxKind.StringLiteral, SyntaxKind.TrueKeyword, SyntaxKind.FalseKeyword];

/** What JSON leaves out where it is the value of a property. */
const absent = TypeFlags.Undefined | TypeFlags.Void;

export class TypeSchemas {
  /** @type {Checker} */
  #checker;
  /** Named types that contain themselves. */
  /** @type {Map<number, string>} */
  #names = new Map();
  /** @type {Map<number, Schema>} */
  #recursive = new Map();
  /** @type {number[]} */
  #open = [];

  /** @param {Checker} checker */
  constructor(checker) {
    this.#checker = checker;
  }

  /**
   * The schema of any of the types, with the definitions that it refers to.
   *
   * @param {readonly Type[]} types
   * @param {string} what whose they are, for a message
   * @returns {Schema}
   */
  document(types, what) {
    const schema = anyOf(types.map((type) => this.#schema(type, what)));
    const definitions = [...this.#recursive].map(([id, each]) => [this.#names.get(id), each]);
    this.#recursive.clear();
    this.#names.clear();
    return definitions.length === 0
      ? schema
      : { ...schema, $defs: Object.fromEntries(definitions) };
  }

  /**
   * @param {Type} type
   * @param {string} where for the message when it has none
   * @returns {Schema}
   */
  #schema(type, where) {
    const primitive = primitives.find(([flag]) => type.flags & flag);
    if (primitive) return { type: primitive[1] };
    if (type.isLiteralType()) return { const: type.value };
    if (type.flags & (TypeFlags.Unknown | TypeFlags.Any)) return {};
    // Of a list that is always empty.
    if (type.flags & TypeFlags.Never) return { not: {} };
    if (type.flags & TypeFlags.TemplateLiteral) return { type: "string" };
    if (type.isUnionType()) return this.#union(type.getTypes(), where);
    if (type.isIntersectionType() || type.flags & TypeFlags.Object)
      return this.#object(type, where);
    throw new Error(
      `no JSON has a value of the type of ${where} (${this.#checker.typeToString(type)}, ${type.flags})`,
    );
  }

  /**
   * @param {readonly Type[]} types
   * @param {string} where
   */
  #union(types, where) {
    return anyOf(
      types.filter(({ flags }) => !(flags & absent)).map((each) => this.#schema(each, where)),
    );
  }

  /**
   * @param {Type} type
   * @param {string} where
   * @returns {Schema}
   */
  #object(type, where) {
    if (type.getSymbol()?.name === "Date") return { type: "string", format: "date-time" };
    if (this.#checker.isArrayLikeType(type)) return this.#array(type, where);
    if (this.#open.includes(type.id)) return { $ref: `#/$defs/${this.#nameOf(type)}` };
    this.#open.push(type.id);
    const schema = this.#properties(type, where);
    this.#open.pop();
    if (!this.#names.has(type.id)) return schema;
    this.#recursive.set(type.id, schema);
    return { $ref: `#/$defs/${this.#names.get(type.id)}` };
  }

  /**
   * @param {Type} type
   * @param {string} where
   */
  #array(type, where) {
    const of = this.#checker.getTypeArguments(
      /** @type {import("typescript/unstable/sync").TypeReference} */ (type),
    );
    return { type: "array", items: anyOf(of.map((each) => this.#schema(each, `${where}[]`))) };
  }

  /**
   * @param {Type} type
   * @param {string} where
   */
  #properties(type, where) {
    /** @type {Schema} */
    const properties = {};
    /** @type {string[]} */
    const required = [];
    for (const symbol of this.#checker.getPropertiesOfType(type)) {
      const its = this.#written(symbol) ?? this.#checker.getTypeOfSymbol(symbol);
      if (!its || its.flags & (absent | TypeFlags.Never) || this.#isFunction(its)) continue;
      const description = symbol.getDocumentationComment(this.#checker).replace(/\s+/g, " ").trim();
      const schema = this.#schema(its, `${where}.${symbol.name}`);
      properties[symbol.name] = description === "" ? schema : { ...schema, description };
      if (!(symbol.flags & SymbolFlags.Optional) && !mayBeAbsent(its)) required.push(symbol.name);
    }
    const [index] = this.#checker.getIndexInfosOfType(type);
    return {
      type: "object",
      ...(Object.keys(properties).length > 0 ? { properties } : {}),
      ...(required.length > 0 ? { required } : {}),
      ...(index ? { additionalProperties: this.#schema(index.valueType, `${where}.*`) } : {}),
    };
  }

  /**
   * The type of a property that the value itself writes out as a constant, which TypeScript widens to `string` or
   * `boolean`. Elsewhere the widened type stands for several values, of which this would be one.
   *
   * @param {import("typescript/unstable/sync").Symbol} symbol
   */
  #written(symbol) {
    const node = symbol.valueDeclaration?.resolve();
    if (!node || !isPropertyAssignment(node) || !this.#isOfValue(node)) return undefined;
    const { kind } = node.initializer;
    return constants.includes(kind) ? this.#checker.getTypeAtLocation(node.initializer) : undefined;
  }

  /** @param {import("typescript/unstable/ast").Node} property */
  #isOfValue(property) {
    let at = property;
    while (isPropertyAssignment(at) || isObjectLiteralExpression(at)) {
      const { parent } = at;
      if (isCallExpression(parent)) return true;
      at = parent;
    }
    return false;
  }

  /** @param {Type} type */
  #isFunction(type) {
    return (
      type.isObjectType() &&
      !(type.objectFlags & ObjectFlags.Tuple) &&
      this.#checker.getSignaturesOfType(type, 0).length > 0
    );
  }

  /** @param {Type} type */
  #nameOf(type) {
    const known = this.#names.get(type.id);
    if (known !== undefined) return known;
    const name = type.getAliasSymbol()?.name ?? type.getSymbol()?.name ?? "value";
    const taken = [...this.#names.values()];
    const free = taken.includes(name) ? `${name}${this.#names.size}` : name;
    this.#names.set(type.id, free);
    return free;
  }
}

/** @param {Type} type */
const mayBeAbsent = (type) =>
  Boolean(type.flags & (absent | TypeFlags.Unknown | TypeFlags.Any)) ||
  (type.isUnionType() && type.getTypes().some(({ flags }) => flags & absent));

/**
 * One schema for any of these: constants as one list, equal ones once.
 *
 * @param {Schema[]} schemas
 * @returns {Schema}
 */
function anyOf(schemas) {
  const constants = schemas.flatMap((each) => ("const" in each ? [each.const] : []));
  const isBoolean = constants.includes(true) && constants.includes(false);
  const listed = isBoolean ? constants.filter((value) => typeof value !== "boolean") : constants;
  const rest = schemas.filter((each) => !("const" in each));
  const all = [
    ...(isBoolean ? [{ type: "boolean" }] : []),
    ...(listed.length === 1 ? [{ const: listed[0] }] : listed.length > 1 ? [{ enum: listed }] : []),
    ...rest,
  ];
  const texts = all.map((each) => JSON.stringify(each));
  const once = all.filter((_, index) => texts.indexOf(texts[index] ?? "") === index);
  return once.length === 1 ? (once[0] ?? {}) : { anyOf: once };
}
