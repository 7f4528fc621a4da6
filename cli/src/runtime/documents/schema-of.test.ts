import { expect, test } from "vitest";
import { DsError } from "../../errors/ds-error.ts";
import { commandsWithSchema, schemaDocument } from "./schema-of.ts";

test("a command's words lead to its schema, with or without `ds`", () => {
  const schema = schemaDocument(["db", "status"]);
  expect(schema).toMatchObject({ title: "ds db status --json", type: "object" });
  expect(schemaDocument(["ds", "db", "status"])).toEqual(schema);
  expect(schemaDocument(["db status"])).toEqual(schema);
});

test.each([[["db"]], [["db", "nothing"]], [["__proto__"]], [["toString"]]])(
  "what is no command with a document is refused: %s",
  (words) => {
    expect(() => schemaDocument(words)).toThrow(DsError);
  },
);

test("failures have one, with the codes of the exit statuses", () => {
  expect(commandsWithSchema()).toContain("error");
  const { error } = schemaDocument(["error"]).properties as Record<string, { properties: object }>;
  expect(error?.properties).toMatchObject({
    code: { enum: expect.arrayContaining(["USAGE", "REFUSED", "INTERRUPTED"]) },
    message: { type: "string" },
  });
});
