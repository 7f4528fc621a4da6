import { expect, test } from "vitest";
import { holdsPlaceholder, placeholderSets } from "./placeholders.ts";

const sets = (more: Partial<Parameters<typeof placeholderSets>[0]>) =>
  placeholderSets({ env: {}, names: [], example: {}, ...more });

test("first connection strings alone, also those that the project and its example name", () => {
  const [first] = sets({
    names: ["MAIN"],
    example: { PROD_DB_READ_URL: "", API_URL: "", DB_NAME: "" },
  });
  expect(first).toMatchObject({
    DATABASE_URL: expect.stringContaining(".invalid"),
    DIRECT_URL: expect.anything(),
    MAIN: expect.anything(),
    PROD_DB_READ_URL: expect.anything(),
  });
  expect(first).not.toHaveProperty("API_URL");
  expect(first).not.toHaveProperty("DB_NAME");
});

test("then what the example proposes, and something of the kind where it proposes nothing", () => {
  const example = {
    TOKEN: "",
    PORT: "",
    API_URL: "",
    REGION: "eu",
    DATABASE_URL: "postgres://a@b",
  };
  const [, second] = sets({ example });
  expect(second).toMatchObject({
    TOKEN: expect.stringMatching(/^.{32,}$/),
    PORT: "5432",
    API_URL: expect.stringMatching(/^https:.*\.invalid$/),
    REGION: "eu",
    SKIP_ENV_VALIDATION: "1",
  });
  expect(second?.DATABASE_URL).toContain(".invalid");
});

test("what is set stays as it is", () => {
  const env = { DATABASE_URL: "postgres://real", TOKEN: "t" };
  for (const set of sets({ env, example: { TOKEN: "x" } })) {
    expect(set).not.toHaveProperty("DATABASE_URL");
    expect(set).not.toHaveProperty("TOKEN");
  }
});

test("a placeholder is known again wherever it ends up", () => {
  const [, second] = sets({ example: { OUT: "" } });
  expect(holdsPlaceholder({ out: `./${second?.OUT}/sql` })).toBe(true);
  expect(holdsPlaceholder({ out: "./drizzle", migrations: undefined })).toBe(false);
  expect(holdsPlaceholder(undefined)).toBe(false);
});
