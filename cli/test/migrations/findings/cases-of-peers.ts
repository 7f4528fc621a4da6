import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A fixture of another linter: SQL of which it says, or does not say, that the rule holds. */
export interface PeerCase {
  /** Its name of the rule, as `peers` of ours have it. */
  rule: string;
  name: string;
  /** What was there before, in the fixtures that have it. */
  before: string;
  sql: string;
  finds: boolean;
}

/** squawk's own tests of its rules, from a checkout of sbdchd/squawk. */
export function squawkCases(checkout: string): PeerCase[] {
  const folder = join(checkout, "crates/squawk_linter/src/rules");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".rs") && file !== "mod.rs")
    .flatMap((file) => {
      const source = readFileSync(join(folder, file), "utf8");
      const [, tests = ""] = source.split("#[cfg(test)]");
      return [...tests.matchAll(/fn (\w+)\(\) \{([\s\S]*?)\n {4}\}/g)].flatMap(
        ([, name = "", body = ""]) => {
          const sql = /r#"([\s\S]*?)"#|let sql = "([^"]*)"/.exec(body);
          const isFound = /lint_errors|_err\b/.test(body) || /assert_ne/.test(body);
          const isOk = /lint_ok/.test(body);
          // What it does for older Postgres is not ours to know, nor what it writes.
          const isOurs = !/pg_version|LinterSettings|fix\(/.test(body);
          if (sql === null || !isOurs || isFound === isOk) return [];
          const rule = `squawk ${file.replace(".rs", "").replaceAll("_", "-")}`;
          return [{ rule, name, before: "", sql: sql[1] ?? sql[2] ?? "", finds: isFound }];
        },
      );
    });
}

/** eugene's examples, one script after another, from a checkout of kaaveland/eugene. */
export function eugeneCases(checkout: string): PeerCase[] {
  const folder = join(checkout, "eugene/examples");
  return readdirSync(folder)
    .filter((name) => /^[EW]\d+$/.test(name))
    .flatMap((rule) =>
      readdirSync(join(folder, rule)).map((file) => {
        const scripts = readFileSync(join(folder, rule, file), "utf8").split(/^-- \d+\.sql$/m);
        const [first = "", ...rest] = scripts.filter((script) => script.trim() !== "");
        // What the first script makes is there by the time of the second.
        const [before, sql] = rest.length === 0 ? ["", first] : [first, rest.join("\ncommit;\n")];
        return {
          rule: `eugene ${rule}`,
          name: `${rule} ${file}`,
          before,
          sql,
          finds: file === "bad.sql",
        };
      }),
    );
}
