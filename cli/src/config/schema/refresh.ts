import { z } from "zod";
import { namedTwice, namesIn, referencesIn } from "../../lib/format/name-lists.ts";

const text = z.string().min(1, "must not be empty");
const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an environment variable");
/** A name, or one that is quoted as in SQL because of a dot, a quote or a `*` in it. */
const name = '(?:"(?:[^"]|"")+"|[^."][^.]*)';
const names = `${name}(?:,${name})*`;
const rest = `${name}(\\.${name}){0,1}`;
const isTable = new RegExp(`^${rest}$`);
const isColumn = new RegExp(`^${rest}\\.${name}$`);
const table = z.string().regex(isTable, "must be a table, such as users or audit.events");
const isReference = new RegExp(`^${rest}\\.${names}$`);
const ofTable = "must be a column of a table, such as users.email";
const column = z.string().regex(isReference, ofTable);
/** Each of one column, or of several of one table. */
const references = z
  .string()
  .refine((list) => referencesIn(list).every((each) => isReference.test(each)), ofTable);

/** Dots between keys; `[]` after one: each element; `*`: each value. */
const jsonPath = /^[^.[\]]+(\[\])*(\.[^.[\]]+(\[\])*)*$/;

const simple = ["email", "phone", "url", "ip", "uuid", "token", "code", "null", "keep"] as const;

const mask: z.ZodType = z.lazy(() =>
  z.discriminatedUnion(
    "mask",
    [
      z.strictObject({ mask: z.enum(simple) }),
      z.strictObject({
        mask: z.literal("name"),
        part: z.enum(["full", "first", "last", "company"]),
      }),
      z.strictObject({ mask: z.literal("text"), unique: z.boolean() }),
      z.strictObject({
        mask: z.literal("date"),
        days: z.int().min(1).max(3650),
        unique: z.boolean(),
      }),
      z.strictObject({ mask: z.literal("number"), percent: z.int().min(1).max(100) }),
      z.strictObject({
        mask: z.literal("json"),
        paths: z.record(
          z
            .string()
            .regex(jsonPath, "must be a path, such as contact.email, lines[].note or labels.*"),
          mask,
        ),
        others: z.enum(["mask", "keep", "drop"]),
      }),
      z.strictObject({
        mask: z.literal("constant"),
        value: z.union([z.string(), z.number(), z.boolean()]),
      }),
      z.strictObject({
        mask: z.literal("dictionary"),
        values: z.array(text).min(1),
        unique: z.boolean(),
      }),
      z.strictObject({ mask: z.literal("sql"), expression: text }),
    ],
    { error: "must be a mask, such as mask.email()" },
  ),
);

const tenantRule = z
  .strictObject({
    column: text.optional(),
    via: z.union([text, z.array(text).min(1)]).optional(),
    where: text.optional(),
    nullTenant: z.enum(["skip", "shared", "all"]).optional(),
  })
  .refine(
    ({ column, via, where }) => [column, via, where].filter((way) => way !== undefined).length < 2,
    "column, via and where exclude each other",
  )
  .refine(
    ({ where, nullTenant }) => where === undefined || nullTenant === undefined,
    "where says by itself what happens to rows of no organization: leave out nullTenant",
  );

const tableRule = z.union([z.enum(["tenant", "shared", "reference", "keep", "skip"]), tenantRule], {
  error:
    'must be "tenant", "shared", "reference", "keep", "skip", or an object with column, via, where, nullTenant',
});

const crossTenant = z.enum(["fail", "null", "allow"]);
/** Other organizations' rows come along only where somebody names the reference. */
const crossTenantOfAll = z.enum(["fail", "null"]);
/** Several names are one by one what a single one is. */
const tables = z
  .string()
  .refine(
    (list) => namesIn(list).every((each) => isTable.test(each)),
    "must be a table, such as users or audit.events",
  );
const columns = z
  .string()
  .refine((list) => namesIn(list).every((each) => isColumn.test(each)), ofTable);
const rulesFor = <T extends z.ZodType>(names: z.ZodType<string>, rule: T, split = namesIn) =>
  z.record(names, rule).superRefine((rules, { addIssue }) => {
    for (const twice of namedTwice(rules, split)) addIssue(`says twice what ${twice} is`);
  });
const referencesOrStar = z.union([z.literal("*"), references]);

export const refreshSchema = z.strictObject({
  from: z.union(
    [text, z.strictObject({ variable, marker: z.strictObject({ query: text, value: text }) })],
    { error: "must be the name of a shared stage, or { variable, marker: { query, value } }" },
  ),
  tenant: z.strictObject({
    table,
    key: text.optional(),
    column: z.union([text, z.array(text).min(1)]).optional(),
    demo: text,
  }),
  tables: rulesFor(tables, tableRule).optional(),
  else: z.enum(["shared", "skip"]).optional(),
  columns: rulesFor(columns, mask).optional(),
  references: rulesFor(
    references,
    z.union(
      [
        z.strictObject({ to: column }),
        z.strictObject({ type: text, to: z.record(z.string(), z.union([column, z.null()])) }),
      ],
      { error: 'must be { to: "users.id" }, or { type, to: { Item: "items.id", ... } }' },
    ),
    referencesIn,
  ).optional(),
  crossTenant: z
    .union(
      [
        crossTenantOfAll,
        rulesFor(referencesOrStar, crossTenant, referencesIn).refine(
          ({ "*": others }) => others === undefined || crossTenantOfAll.safeParse(others).success,
        ),
      ],
      { error: 'must be "fail" or "null", or by column one of these or "allow"' },
    )
    .optional(),
  maskKey: variable.optional(),
});
