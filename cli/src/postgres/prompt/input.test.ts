import { expect, test } from "vitest";
import { commandsIn, promptFor, takeStatements } from "./input.ts";

test.each<[string, string[], string]>([
  ["", [], ""],
  ["  \n", [], ""],
  ["select 1", [], "select 1"],
  ["select 1;", ["select 1;"], ""],
  ["select 1; select 2;\n", ["select 1;", "select 2;"], ""],
  ["select 1; select", ["select 1;"], "select"],
  ["select ';", [], "select ';"],
  ["do $$ begin; end $$;", ["do $$ begin; end $$;"], ""],
  [
    "create rule r as on delete to a do (select 1;",
    [],
    "create rule r as on delete to a do (select 1;",
  ],
  ["-- nothing;\n", [], ""],
  [";;", [], ""],
])("%j", (text, complete, rest) => {
  expect(takeStatements(text)).toEqual({ complete, rest });
});

test.each([
  ["I", false, "db=> "],
  ["T", false, "db=*> "],
  ["E", true, "db-!> "],
])("the prompt in state %s", (state, isWithin, prompt) => {
  expect(promptFor("db", state, isWithin)).toBe(prompt);
});

test.each([
  [[], []],
  [
    ["-c", "select 1", "--command=select 2", "-cselect 3", "--command", "select 4"],
    ["select 1", "select 2", "select 3", "select 4"],
  ],
  [["-c"], undefined],
  [["-At", "-c", "select 1"], undefined],
])("psql's arguments %j", (args, commands) => expect(commandsIn(args)).toEqual(commands));
