// Schemas as products have them: the same names of columns again and again, and some that only one table has.

const nouns =
  "invoice order project task ticket contact lead deal note file folder board card page section form field answer survey campaign message thread channel call meeting event booking room asset device sensor alert rule workflow step job run report chart export import webhook integration connector account wallet payment refund credit plan addon coupon tax charge fee usage metric subscription quote contract clause document template version comment review rating tag label category product variant price stock warehouse shipment carrier address supplier purchase receipt budget expense timesheet shift leave absence candidate interview offer course lesson quiz grade badge".split(
    " ",
  );
const tails =
  "s _items _settings _logs _links _members _events _revisions _attachments _metrics".split(" ");
const beginnings =
  "billing shipping primary secondary default custom internal public display legal short long first last original final provider gateway carrier supplier remote parent".split(
    " ",
  );
const ends = "name label value reason email url code note message data".split(" ");

/** Of a hundred tables, how many have the column. @type {[string, string, number][]} */
const common = [
  ["name", "text not null default 'a name'", 60],
  ["description", "text", 40],
  ["title", "text", 20],
  ["notes", "text", 15],
  ["body", "text", 6],
  ["status", "text not null default 'open'", 40],
  ["kind", "text", 10],
  ["type", "text", 10],
  ["source", "text", 6],
  ["code", "text", 15],
  ["slug", "text", 5],
  ["reference", "text", 5],
  ["external_id", "text", 20],
  ["token", "text", 4],
  ["amount_currency", "text", 15],
  ["timezone", "text", 4],
  ["country_code", "text", 5],
  ["email", "text", 8],
  ["phone", "text", 5],
  ["url", "text", 6],
  ["street", "text", 4],
  ["zip", "text", 4],
  ["city", "text", 5],
  ["error_message", "text", 6],
  ["created_by", "text", 30],
  ["updated_by", "text", 25],
  ["metadata", "jsonb not null default '{}'", 20],
  ["settings", "jsonb", 8],
  ["ip_address", "inet", 3],
  ["birthday", "date", 2],
  ["created_at", "timestamptz not null default now()", 90],
  ["updated_at", "timestamptz", 80],
  ["archived_at", "timestamptz", 20],
  ["due_on", "date", 20],
  ["position", "int", 40],
  ["version", "int", 30],
  ["amount_cents", "bigint", 40],
  ["quantity", "numeric(12,2)", 30],
  ["active", "boolean not null default true", 60],
  ["uuid", "uuid", 30],
];

/**
 * @typedef {object} LargeSchema
 * @property {string} schema SQL
 * @property {string} data SQL: some rows of two organizations in every table
 * @property {{ tables: number, columns: number, references: number }} size
 */

/**
 * The same for the same number.
 *
 * @param {number} count tables
 * @returns {LargeSchema}
 */
export function largeSchema(count) {
  const chance = chances(count);
  /** @type {Map<string, string[]>} */
  const tables = new Map([
    ["organizations", ["id bigint primary key", "name text", "billing_email text"]],
    ["users", ["id bigint primary key", "email text", "full_name text", "phone text"]],
  ]);
  /** @type {string[]} */
  const owned = [];
  while (tables.size < count) {
    const name = freeName(`${chance.of(nouns)}${chance.of(tails)}`, tables);
    const columns = columnsOf(chance, owned);
    tables.set(name, columns);
    owned.push(name);
  }
  const all = [...tables.values()].flat();
  return {
    schema: [...tables]
      .map(([name, columns]) => `create table ${name} (\n  ${columns.join(",\n  ")}\n);`)
      .join("\n"),
    data: [...tables].map(([name, columns]) => insert(name, columns)).join("\n"),
    size: {
      tables: tables.size,
      columns: all.length,
      references: all.filter((column) => column.includes(" references ")).length,
    },
  };
}

/** @typedef {ReturnType<typeof chances>} Chance */

/** @param {number} seed */
function chances(seed) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    /** @param {number} percent */
    isMet: (percent) => next() * 100 < percent,
    /** @param {string[]} list */
    of: (list) => String(list[Math.floor(next() * list.length)]),
  };
}

/**
 * @param {string} wanted
 * @param {Map<string, unknown>} taken
 */
function freeName(wanted, taken) {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
  return name;
}

/**
 * @param {Chance} chance
 * @param {string[]} owned
 */
function columnsOf(chance, owned) {
  /** @type {Map<string, string>} */
  const columns = new Map([["id", "bigint primary key"]]);
  const add = (/** @type {string} */ name, /** @type {string} */ type) => {
    if (!columns.has(name)) columns.set(name, type);
  };
  const isDirect = owned.length < 5 || chance.isMet(75);
  if (isDirect)
    add("organization_id", `bigint ${chance.isMet(90) ? "not null " : ""}references organizations`);
  if (!isDirect || chance.isMet(70)) {
    const parent = owned.length === 0 ? "users" : chance.of(owned);
    add(`${parent}_id`, `bigint ${isDirect ? "" : "not null "}references ${parent}`);
  }
  if (chance.isMet(25)) add("user_id", "bigint references users");
  for (const [name, type, percent] of common) if (chance.isMet(percent)) add(name, type);
  if (chance.isMet(60)) add(`${chance.of(beginnings)}_${chance.of(ends)}`, "text");
  if (chance.isMet(40)) add(`${chance.of(nouns)}_${chance.of(ends)}`, "text");
  if (chance.isMet(10)) add(`${chance.of(nouns)}_details`, "jsonb");
  return [...columns].map(([name, type]) => `${name} ${type}`);
}

/**
 * Forty rows; what refers to another table refers to a row of the same organization.
 *
 * @param {string} table
 * @param {string[]} columns
 */
function insert(table, columns) {
  const values = columns.map((column) => {
    const [name = "", type = ""] = column.split(" ");
    if (name === "id" || / references (?!organizations)/.test(column)) return "n";
    if (name === "organization_id") return "1 + n % 2";
    if (type === "text") return `'${name} ' || n`;
    if (type === "jsonb") return `jsonb_build_object('${name}', 'words ' || n)`;
    if (type === "inet") return "'10.0.0.1'::inet + n";
    if (type === "uuid") return "gen_random_uuid()";
    if (type === "boolean") return "n % 3 > 0";
    return /^(date|timestamptz)$/.test(type) ? "now() - n * interval '1 day'" : "n";
  });
  return `insert into ${table} select ${values.join(", ")} from generate_series(1, 40) n;`;
}
