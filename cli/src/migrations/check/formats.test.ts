import { expect, test } from "vitest";
import type { Finding } from "../findings/finding.ts";
import { annotations, sarif } from "./formats.ts";

const finding: Finding = {
  rule: "drop-table",
  severity: "error",
  migration: "0001_a",
  file: "a,b:c/0001_ü.sql",
  line: 3,
  says: "100% gone\r\n::error::planted",
  evidence: ["10 rows"],
  instead: "wait",
};

test("an annotation is one line, whatever is in it", () => {
  expect(annotations([finding])).toBe(
    "::error file=a%2Cb%3Ac/0001_ü.sql,line=3,title=drop-table::100%25 gone%0D%0A::error::planted%0A10 rows%0Ainstead: wait",
  );
  expect(annotations([{ ...finding, ignored: "old" }])).toBe("");
});

test("SARIF names each rule once, and says what was silenced and why", () => {
  const log = JSON.parse(
    sarif(
      [finding, { ...finding, severity: "note", ignored: "old" }],
      [{ name: "drop-table", what: "DROP" }],
      "1.2.3",
    ),
  );
  const [run] = log.runs;
  expect(run.tool.driver).toMatchObject({
    version: "1.2.3",
    rules: [{ id: "drop-table", shortDescription: { text: "DROP" } }],
  });
  expect(run.results.map(({ level }: { level: string }) => level)).toEqual(["error", "note"]);
  expect(run.results[0].suppressions).toBeUndefined();
  expect(run.results[1].suppressions).toEqual([{ kind: "inSource", justification: "old" }]);
  expect(run.results[0].locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: "a,b:c/0001_%C3%BC.sql", uriBaseId: "%SRCROOT%" },
    region: { startLine: 3 },
  });
});
