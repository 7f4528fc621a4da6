import { describe, expect, test } from "vitest";
import { hostile } from "../../../test/deploy/pull-requests/hostile-names.ts";
import { codeOf, outsideOfCode, rendered } from "../../../test/deploy/pull-requests/rendered.ts";
import type { Finding } from "../../migrations/findings/finding.ts";
import { commentBody, longestBody, markerOf } from "./body.ts";
import type { CommentFacts, KnownMigrations } from "./facts.ts";

const facts = (migrations: CommentFacts["migrations"]): CommentFacts => ({
  project: "shop",
  commit: "0123456789abcdef0123456789abcdef01234567",
  stage: { name: "ci-pr-7", branch: "dev-ci-pr-7", url: "https://ci-pr-7.preview.example.com" },
  migrations,
});

const known = (patch: Partial<KnownMigrations> = {}): KnownMigrations => ({
  kind: "known",
  on: "main",
  pending: [{ name: "0001_b", file: "drizzle/0001_b.sql", late: false, inBase: false }],
  warnings: [],
  findings: [],
  rehearsal: undefined,
  schema: undefined,
  siblings: [],
  notCompared: [],
  ...patch,
});

const finding = (patch: Partial<Finding> = {}): Finding => ({
  rule: "drop-column",
  severity: "error",
  migration: "0001_b",
  file: "drizzle/0001_b.sql",
  line: 3,
  says: "the column users.email goes with 3 values",
  evidence: ["users has 3 rows on main"],
  ...patch,
});

const statement = (patch: object = {}) => ({
  migration: "0001_b",
  line: 1,
  statement: 1,
  statements: 1,
  sql: "alter table a add column n int",
  milliseconds: 7.2,
  inTransaction: true,
  locks: [{ table: "a", mode: "ACCESS EXCLUSIVE", earlier: false }],
  rewritten: [],
  scanned: [{ table: "a", rows: 12_000 }],
  ...patch,
});

const bodyOf = (migrations: CommentFacts["migrations"]) => commentBody(facts(migrations)).body;

test("what a comment says", () => {
  const body = bodyOf(
    known({
      findings: [
        finding({
          severity: "warning",
          rule: "index-blocks",
          says: "the index blocks writers",
          evidence: [],
        }),
        finding({ instead: "create index concurrently i on a (n);\ncommit;" }),
        finding({ ignored: "nobody reads it" }),
      ],
      rehearsal: {
        failure: undefined,
        statements: [statement()],
        rows: {
          tables: [{ table: "a", added: 1, removed: 0, changed: 1_200 }],
          notCompared: ["huge"],
          why: "it has 3 GB",
        },
      },
      schema: [{ change: "added", type: "column", name: "n", table: "a", details: ["integer"] }],
      siblings: [
        { number: 8, ref: "tags", outcome: "ok", theirs: ["0001_tags"], conflict: null, notes: [] },
        {
          number: 9,
          ref: "same-column",
          outcome: "conflict",
          theirs: ["0001_n"],
          conflict: {
            mine: "0001_b",
            theirs: "0001_n",
            how: 'x.sql:1:1, statement 1 of 1: column "n" of relation "a" already exists (42701)',
            changes: [],
          },
          notes: ["0001_b and 0001_n have the same number: after the merge, ds db rebase"],
        },
      ],
      notCompared: [{ numbers: [10], why: "the SQL of a fork is not run on copies of main" }],
    }),
  );
  expect(body).toBe(
    [
      "<!-- ds:deploy-comment shop -->",
      "### Database of `shop`",
      "",
      "Preview: <https://ci-pr-7.preview.example.com/>",
      "",
      "Stage `ci-pr-7`, branch `dev-ci-pr-7`.",
      "",
      "❌ **1 pending migration** on `main`, 1 error, 1 warning, in conflict with 1 other pull request.",
      "",
      "| Migration | File | |",
      "|---|---|---|",
      "| `0001_b` | `drizzle/0001_b.sql` |  |",
      "",
      "#### Findings",
      "",
      "- ❌ **error** `drop-column` at `drizzle/0001_b.sql:3`: the column `users.email` goes with 3 values",
      "  - users has 3 rows on main",
      "  - Instead:",
      "",
      "    ```sql",
      "    create index concurrently i on a (n);",
      "    commit;",
      "    ```",
      "",
      "- ⚠️ **warning** `index-blocks` at `drizzle/0001_b.sql:3`: the index blocks writers",
      "",
      "1 finding ignored, with a reason in the file:",
      "",
      "- `drop-column` at `drizzle/0001_b.sql:3`: nobody reads it",
      "",
      "#### Rehearsal",
      "",
      "| Where | Statement | Took | Locks | Rows |",
      "|---|---|---|---|---|",
      "| `0001_b:1` | `alter table a add column n int` | 7 ms | `ACCESS EXCLUSIVE a` | `scanned a (12,000 rows)` |",
      "",
      "| Rows of | Added | Removed | Changed |",
      "|---|--:|--:|--:|",
      "| `a` | 1 | 0 | 1,200 |",
      "",
      "Rows not compared, as it has 3 GB: `huge`",
      "",
      "#### Schema",
      "",
      "```diff",
      "+ column  a.n  integer",
      "```",
      "",
      "#### Other open pull requests",
      "",
      '- ❌ #9 (`same-column`): `0001_b` here and `0001_n` there: `x.sql:1:1`, statement 1 of 1: column "n" of relation "a" already exists (42701)',
      "  - `0001_b` and `0001_n` have the same number: after the merge, ds db rebase",
      "- ✅ #8 (`tags`): 1 migration there, in either order the same",
      "",
      "- Not compared: #10 (the SQL of a fork is not run on copies of main)",
      "",
      "<sub>`ds deploy comment` of `0123456`, tried on copies of `main`.</sub>",
      "",
    ].join("\n"),
  );
});

test.each<[string, CommentFacts["migrations"], string]>([
  ["none", { kind: "none" }, "This project has no migrations."],
  [
    "another tool's",
    { kind: "command", command: "npx prisma migrate deploy" },
    "Migrations are applied by `npx prisma migrate deploy`: `ds` does not know which are pending.",
  ],
  ["nothing pending", known({ pending: [] }), "✅ No migrations are pending on `main`."],
  [
    "no database",
    {
      kind: "no-database",
      why: "it is a fork's.",
      added: [{ name: "0001_b", file: "d/0001_b.sql" }],
    },
    "**1 migration** in this pull request. Nothing was tried: it is a fork's.\n\n- `0001_b` (`d/0001_b.sql`)",
  ],
  [
    "refused",
    { kind: "refused", says: "drizzle/0001_b.sql was edited after being applied" },
    "❌ The migrations are refused: `drizzle/0001_b.sql` was edited after being applied",
  ],
])("%s: in a line", (_, migrations, shown) => {
  const { body, isCut } = commentBody(facts(migrations));
  expect(body.split("\n").slice(7, -3).join("\n")).toBe(shown);
  expect(body.startsWith(markerOf("shop"))).toBe(true);
  expect(isCut).toBe(false);
});

test("a failed rehearsal, an error, a conflict or a late migration is told in the first line", () => {
  const line = (patch: Partial<KnownMigrations>) => bodyOf(known(patch)).split("\n")[7];
  expect(line({})).toBe("✅ **1 pending migration** on `main`.");
  expect(line({ rehearsal: { failure: "x", statements: [] } })).toContain("❌");
  expect(line({ findings: [finding()] })).toContain(
    "❌ **1 pending migration** on `main`, 1 error.",
  );
  expect(line({ findings: [finding({ ignored: "x" }), finding({ severity: "note" })] })).toContain(
    "✅",
  );
  expect(line({ findings: [finding({ severity: "warning" })] })).toContain("⚠️");
  const late = { name: "0000_x", file: "x", late: true, inBase: false };
  expect(line({ pending: [late] })).toContain("⚠️");
});

test("passwords in statements are left out", () => {
  const sql = "create role app login password 'hunter2'";
  const body = bodyOf(
    known({ rehearsal: { failure: undefined, statements: [statement({ sql })] } }),
  );
  expect(body).toContain("create role …");
  expect(body).not.toContain("hunter2");
});

test("names from outside make no mention, link, reference or HTML, wherever they stand", () => {
  for (const text of hostile) {
    const body = commentBody({
      ...facts(
        known({
          on: text,
          pending: [{ name: text, file: text, late: true, inBase: true }],
          warnings: [text],
          findings: [
            finding({ rule: text, file: text, says: text, evidence: [text], instead: text }),
            finding({ instead: `${text}\n${text}`, severity: "warning" }),
            finding({ ignored: text, file: text }),
          ],
          rehearsal: {
            failure: text,
            statements: [
              statement({
                migration: text,
                sql: text,
                locks: [{ table: text, mode: "SHARE", earlier: false }],
                rewritten: [text],
              }),
            ],
            rows: {
              tables: [{ table: text, added: 1, removed: 1, changed: 1 }],
              notCompared: [text],
              why: text,
            },
          },
          schema: [
            { change: "added", type: "table", name: text, table: text, details: [text, text] },
          ],
          siblings: [
            {
              number: 9,
              ref: text,
              outcome: "conflict",
              theirs: [text],
              conflict: {
                mine: text,
                theirs: text,
                how: text,
                changes: [
                  { change: "removed", type: "table", name: text, table: null, details: [text] },
                ],
              },
              notes: [text],
            },
          ],
          notCompared: [{ numbers: [], why: text }],
        }),
      ),
      stage: { name: text, branch: text, url: undefined },
    }).body;
    const html = rendered(body);
    const outside = outsideOfCode(html);
    expect(outside.replace(markerOf("shop"), ""), text).not.toMatch(
      /<a |<img|<script|<!--|@octocat|@acme|evil|deadbeef|GH-|:tada:/,
    );
    expect(outside.match(/#\d+/g), text).toEqual(["#9"]);
    expect(html.match(/<h[1-6]>/g), text).toHaveLength(5);
    expect(html.match(/<details>/g)?.length ?? 0, text).toBeLessThanOrEqual(1);
    expect(codeOf(html).length, text).toBeGreaterThan(20);
  }
});

describe("GitHub's limit", () => {
  const many = <T>(count: number, make: (at: number) => T) =>
    Array.from({ length: count }, (_, at) => make(at));
  const long = "x".repeat(290);

  test("lists are cut until it is kept, and that is said", () => {
    const huge = known({
      pending: many(900, (at) => ({
        name: `${at}_${long}`,
        file: long,
        late: false,
        inBase: false,
      })),
      findings: many(900, (at) =>
        finding({ line: at, says: long, evidence: many(50, () => long) }),
      ),
      rehearsal: { failure: long, statements: many(900, (line) => statement({ line, sql: long })) },
      schema: many(900, (at) => ({
        change: "added" as const,
        type: "table",
        name: `t${at}`,
        table: null,
        details: many(9, () => long),
      })),
      siblings: many(20, (number) => ({
        number: number + 1,
        ref: long,
        outcome: "conflict" as const,
        theirs: [long],
        conflict: { mine: long, theirs: long, how: long, changes: [] },
        notes: [long],
      })),
    });
    const { body, isCut } = commentBody(facts(huge));
    expect(body.length).toBeLessThanOrEqual(longestBody);
    expect(body.length).toBeGreaterThan(longestBody / 8);
    expect(isCut).toBe(true);
    expect(body).toMatch(/… and \d+ more/);
    expect(body).toContain("Long lists were cut.");
    expect(body.match(/^```/gm)?.length ?? 0).toSatisfy((count: number) => count % 2 === 0);
  });

  test("what fits is whole", () => {
    const { body, isCut } = commentBody(
      facts(known({ warnings: many(100, (at) => `warning ${at}`) })),
    );
    expect(isCut).toBe(false);
    expect(body).toContain("warning 99");
  });

  test("where even one entry of each is too much, a word stands for all", () => {
    const { body, isCut } = commentBody(facts(known({ findings: [finding()] })), 400);
    expect(isCut).toBe(true);
    expect(body.length).toBeLessThanOrEqual(400);
    expect(body.startsWith(markerOf("shop"))).toBe(true);
  });
});
