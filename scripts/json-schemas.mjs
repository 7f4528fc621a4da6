// Writes the JSON Schemas of what each command prints with --json, from the types of what it hands to
// `output.result()`: npm run json-schemas, after a change to a result. A test compares.
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SyntaxKind } from "typescript/unstable/ast";
import {
  isCallExpression,
  isIdentifier,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isStringLiteral,
} from "typescript/unstable/ast/is";
import { API } from "typescript/unstable/sync";
import { root } from "./bootstrap.mjs";
import { schemasFile } from "./json-schemas/schemas-file.mjs";
import { TypeSchemas } from "./json-schemas/type-schema.mjs";

/** @typedef {import("typescript/unstable/ast").Node} Node */
/** @typedef {import("typescript/unstable/sync").Project} Project */

const source = join(root, "cli/src");

/** As the file is committed: a line for each command, so that two changes seldom meet. */
export function schemasText() {
  const lines = Object.entries(commandSchemas()).map(
    ([command, schema]) => `${JSON.stringify(command)}: ${JSON.stringify(schema)}`,
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}

/** The schema of each command, by its words, and that of every failure, as `error`. */
function commandSchemas() {
  const api = new API({ cwd: root });
  try {
    const config = join(root, "tsconfig.json");
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (!project) throw new Error(`no project: ${config}`);
    const schemas = new TypeSchemas(project.checker);
    const commands = [...commandFiles(project)].sort(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries([
      ["error", schemas.document([failureType(project)], "a failure")],
      ...commands.flatMap(([command, file]) => {
        const types = resultTypes(project, file);
        return types.length === 0 ? [] : [[command, schemas.document(types, command)]];
      }),
    ]);
  } finally {
    api.close();
  }
}

/** @param {Project} project */
function failureType({ program, checker }) {
  const file = program.getSourceFile(join(source, "runtime/failure.ts"));
  const module = file && checker.getSymbolAtLocation(file);
  const symbol = module && checker.getMemberInModuleExports(module, "FailureDocument");
  if (!symbol) throw new Error("runtime/failure.ts exports no FailureDocument");
  return checker.getDeclaredTypeOfSymbol(symbol);
}

/**
 * Each command's words and file, as the routes load it.
 *
 * @param {Project} project
 * @returns {Map<string, string>}
 */
function commandFiles({ program }) {
  const routes = join(source, "routes");
  const found = new Map();
  for (const name of readdirSync(routes)) {
    for (const call of callsIn(program.getSourceFile(join(routes, name)))) {
      const [path] = call.arguments;
      if (call.expression.kind !== SyntaxKind.ImportKeyword || !path || !isStringLiteral(path))
        continue;
      if (!path.text.startsWith("../commands/")) continue;
      const noun = dirname(path.text).replace(/^\.\.\/commands\/?/, "");
      const words = [...(noun === "" ? [] : [noun]), ...routeNames(call)];
      found.set(words.map(kebab).join(" "), resolve(routes, path.text));
    }
  }
  return found;
}

/**
 * The names under which a declaration stands in maps of routes, the outermost first.
 *
 * @param {Node} node
 * @returns {string[]}
 */
function routeNames(node) {
  const names = [];
  for (let at = node; at.parent; at = at.parent) {
    const map = at.parent.parent;
    if (isPropertyAssignment(at) && map && isPropertyAssignment(map) && named(map) === "routes") {
      names.unshift(named(at));
    }
  }
  return names;
}

/** @param {import("typescript/unstable/ast").PropertyAssignment} property */
const named = ({ name }) => (isIdentifier(name) || isStringLiteral(name) ? name.text : "");

/** @param {string} name */
const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * The types of what a command hands to `output.result` and `output.secretResult`.
 *
 * @param {Project} project
 * @param {string} file
 */
function resultTypes({ program, checker }, file) {
  return callsIn(program.getSourceFile(file)).flatMap(({ expression, arguments: [value] }) => {
    const isResult =
      isPropertyAccessExpression(expression) &&
      /^(result|secretResult)$/.test(expression.name.text);
    const type = isResult && value ? checker.getTypeAtLocation(value) : undefined;
    return type ? [type] : [];
  });
}

/**
 * @param {import("typescript/unstable/ast").SourceFile | undefined} file
 * @returns {import("typescript/unstable/ast").CallExpression[]}
 */
function callsIn(file) {
  /** @type {import("typescript/unstable/ast").CallExpression[]} */
  const found = [];
  /** @param {Node} node */
  const visit = (node) => {
    if (isCallExpression(node)) found.push(node);
    node.forEachChild(visit);
  };
  file?.forEachChild(visit);
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFileSync(schemasFile, schemasText());
}
