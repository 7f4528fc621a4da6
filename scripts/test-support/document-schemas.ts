import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { schemasFile } from "../json-schemas/schemas-file.mjs";

const schemas = new Map<string, object>(
  Object.entries(JSON.parse(readFileSync(schemasFile, "utf8"))),
);
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
const validators = new Map<string, ValidateFunction>();

/** Throws when `ds <own>` has printed a document that is not as its schema says. */
export function checkAgainstSchema(own: readonly string[], stdout: string): void {
  const command = commandOf(own);
  if (command === undefined) return;
  const document = JSON.parse(stdout);
  const name = "error" in document ? "error" : command;
  const valid = validatorOf(name);
  // Beside a failure stands a part of what would have been answered.
  if (valid(name === "error" ? { error: document.error } : document)) return;
  throw new Error(
    `\`ds ${own.join(" ")}\` is not as \`ds schema ${name}\` says: ${ajv.errorsText(valid.errors)}\n${stdout}`,
  );
}

function commandOf(args: readonly string[]): string | undefined {
  for (let words = Math.min(3, args.length); words > 0; words -= 1) {
    const command = args.slice(0, words).join(" ");
    if (schemas.has(command)) return command;
  }
  return undefined;
}

function validatorOf(name: string): ValidateFunction {
  const known = validators.get(name);
  if (known) return known;
  const made = ajv.compile(closed(schemas.get(name) ?? {}) as object);
  validators.set(name, made);
  return made;
}

/** The schema without room for what it does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, closed(value)]),
  );
  const isOpen =
    inner.type === "object" && "properties" in inner && !("additionalProperties" in inner);
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}
