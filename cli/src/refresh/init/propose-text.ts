import type { RefreshSource } from "../../config/define/refresh.ts";
import { keyText } from "../model/names.ts";
import type { Proposal } from "./propose.ts";
import { ruleLines } from "./short-rules.ts";

const stringText = (text: string) => JSON.stringify(text);
const valueText = (value: string | string[]) => JSON.stringify(value).replaceAll(",", ", ");
const keyed = (text: string) => (/^[A-Za-z_$][\w$]*$/.test(text) ? text : keyText(text));

/**
 * The proposal as the `refresh` section of ds.config.ts.
 *
 * @param where production is, as far as the configuration tells
 */
export function proposalText(
  { tenant, tables, soft, columnRules, unfit, pairs }: Proposal,
  where?: string | RefreshSource,
): string {
  const from =
    typeof where === "string"
      ? [`from: ${stringText(where)},`]
      : [
          `from: {`,
          `  variable: ${stringText(where?.variable ?? "PRODUCTION_DATABASE_URL")},`,
          `  // A question that only production answers so.`,
          `  marker: { query: ${stringText(where?.marker.query ?? "select current_setting('cluster_name')")}, value: ${stringText(where?.marker.value ?? "production")} },`,
          `},`,
        ];
  const column = tenant.column === undefined ? "" : ` column: ${valueText(tenant.column)},`;
  const key =
    tenant.key === undefined
      ? ` key: "id",`
      : tenant.keyIsSaid
        ? ` key: ${stringText(tenant.key)},`
        : "";
  const lines = [
    ...from,
    `// demo: the key of the organization that is copied when -o names none.`,
    `tenant: { table: ${stringText(tenant.table)},${key}${column} demo: ${stringText(tenant.demo ?? "demo")} },`,
    ...section("tables", [
      "shared: the rows that others refer to; reference: all rows; keep: main's own; skip: none. Look at each.",
      ...grouped(tables, ruleText, keyed),
    ]),
    ...section("columns", [
      "Everything that could hold words; *.name: in every table. Look at each: mask.keep() where it is nobody's own.",
      ...[...columnRules].flatMap(([code, names]) => ruleLines(names, code)),
    ]),
    ...unfitText(unfit),
    ...referencesText(soft.references, pairs),
    ...section("crossTenant", [
      "Rows may refer to another organization's by these.",
      ...grouped(soft.crossTenant, stringText),
    ]),
  ];
  return ["refresh: {", ...lines.map((line) => `  ${line}`), "},"].join("\n");
}

/** What has the same rule in one list. */
function grouped<T>(
  rules: Record<string, T>,
  textOf: (rule: T) => string,
  keyOf: (list: string) => string = keyText,
): string[] {
  const names = new Map<string, string[]>();
  for (const [name, rule] of Object.entries(rules)) {
    const text = textOf(rule);
    if (names.get(text)?.push(name) === undefined) names.set(text, [name]);
  }
  return [...names].flatMap(([text, list]) => ruleLines(list, text, keyOf));
}

function section(name: string, [comment = "", ...entries]: string[]): string[] {
  if (entries.length === 0) return [];
  return [`// ${comment}`, `${name}: {`, ...entries.map((entry) => `  ${entry}`), "},"];
}

/** Without a word they stop the refresh. */
function unfitText(unfit: Proposal["unfit"]): string[] {
  const entries = Object.entries(unfit);
  if (entries.length === 0) return [];
  return [
    "// No mask fits these, as they are NOT NULL or unique. Look at their values, and add to `columns`:",
    ...entries.map(
      ([name, type]) => `//   ${keyText(name)}: mask.keep() or mask.sql("..."),  // ${type}`,
    ),
  ];
}

function referencesText(
  references: Proposal["soft"]["references"],
  pairs: Record<string, string>,
): string[] {
  const found = grouped(references, ({ to }) => `{ to: ${stringText(to)} }`);
  const known = section("references", [
    "Without a foreign key, by names and by values that the other table has.",
    ...found,
  ]);
  const open = pairText(pairs);
  if (known.length === 0) return open.length === 0 ? [] : ["references: {", ...open, "},"];
  return [...known.slice(0, -1), ...open, ...known.slice(-1)];
}

/** Nobody but the team knows what its types mean. The type's column is called as the id's is. */
function pairText(pairs: Record<string, string>): string[] {
  const [first, ...others] = Object.entries(pairs);
  if (first === undefined) return [];
  const [name, type] = first;
  const example = `${keyText(name)}: { type: ${stringText(type)}, to: { Item: "items.id", Other: null } },`;
  return [
    "// Pairs of a type and an id: say of each, as here of the first, which table a type means, or null for none.",
    `//   ${example}`,
    ...ruleLines(
      others.map(([each]) => each),
      "",
      (list) => list,
    ).map((line) => `//   ${line.replace(/: ,$/, "")}`),
  ].map((line) => `  ${line}`);
}

const ruleText = (rule: Proposal["tables"][string]): string =>
  typeof rule === "string"
    ? stringText(rule)
    : `{ ${Object.entries(rule)
        .map(([name, value]) => `${name}: ${valueText(value)}`)
        .join(", ")} }`;

/** The configuration with the section in it; undefined where its text is not of the usual shape. */
export function withSection(config: string, section: string): string | undefined {
  const end = /[ \t]*\r?\n(\s*)\}\);?\s*$/.exec(config);
  const imported = /import \{([^}]*)\} from "@devstride\/ds";/.exec(config);
  if (!end || !imported || !/export default defineConfig\(\{/.test(config)) return undefined;
  const names = (imported[1] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const all = [...new Set([...names, "mask"])].join(", ");
  const indented = section
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
  const body = config.slice(0, end.index);
  const last = body.slice(body.lastIndexOf("\n") + 1);
  // A comment at the end would swallow a comma.
  const comma = /^\s*\/\/|[,{]$/.test(last) ? "" : ",";
  return `${body}${comma}\n${indented}\n${end[1]}});\n`.replace(
    imported[0],
    `import { ${all} } from "@devstride/ds";`,
  );
}
