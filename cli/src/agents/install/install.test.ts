import { describe, expect, test } from "vitest";
import { installed, uninstalled } from "./changes.ts";
import { agentFiles, agentNames } from "./files.ts";
import { withEntry, withoutEntry } from "./json-entry.ts";
import { markdown, withoutSection, withSection } from "./section.ts";

const texts = [
  undefined,
  "",
  "\n",
  "a",
  "a\n",
  "a\n\n",
  "a\r\nb\r\n",
  "# A\n\ntext without end",
  "\n\n\n",
];

test.each(texts.map((text) => [text]))("a section goes without a trace: %j", (text) => {
  const put = withSection(text, "one\n", markdown);
  expect(put).toContain("one\n");
  const again = withSection(put, "two\nlines\n", markdown);
  expect(again.match(/begin/g)).toHaveLength(1);
  expect(again).not.toContain("one");
  expect(withoutSection(again, markdown)).toEqual({ text });
  const more = withoutSection(`${again}more\n`, markdown);
  const end = text === undefined || text === "" || text.endsWith("\n") ? "" : "\n";
  expect(more).toEqual({ text: `${text ?? ""}${end}more\n` });
});

test("a file without a section, or with half a one, stays", () => {
  expect(withoutSection("a\n", markdown)).toBe("none");
  expect(withoutSection("<!-- ds agent install: begin -->\na\n", markdown)).toBe("none");
});

describe("an entry", () => {
  const entry = { parent: "mcpServers", key: "ds", value: { command: "npx", args: ["ds", "mcp"] } };
  test.each([
    undefined,
    "{}",
    "{ }\n",
    '{"a":1}',
    '{\n\t"a": "{ \\"mcpServers\\": {",\n\t"b": [{"mcpServers": {}}]\n}\n',
    '{"mcpServers":{}}',
    '{\n  "mcpServers": {}\n}\n',
    '{\n    "mcpServers": {}\n}\n',
    "{}\n",
    '{ "mcpServers": { "other": { "command": "x" } }, "z": 1 }',
    '{\r\n  "mcpServers": {\r\n    "other": {}\r\n  }\r\n}\r\n',
  ])("is put in and taken out to the byte: %j", (text) => {
    const put = withEntry(text, entry);
    expect(put.state).toBe("added");
    expect(JSON.parse(put.text)).toEqual({
      ...JSON.parse(text ?? "{}"),
      mcpServers: { ...JSON.parse(text ?? "{}").mcpServers, ds: entry.value },
    });
    expect(withEntry(put.text, entry).state).toBe("there");
    expect(withoutEntry(put.text, entry)).toEqual({ text });
  });

  test.each([
    ['{"mcpServers":{"ds":{"command":"mine"}}}', "taken", "left"],
    ["// comment\n{}", "unreadable", "none"],
    ["[]", "unreadable", "none"],
    ['{"mcpServers":[]}', "unreadable", "none"],
  ])("never replaces what is there: %s", (text, state, removed) => {
    expect(withEntry(text, entry)).toEqual({ text, state });
    expect(withoutEntry(text, entry)).toBe(removed);
  });
});

test.each(agentNames.map((name) => [name]))("all files of %s come and go", (name) => {
  for (const file of agentFiles(name, ["npx", "ds"])) {
    const { state, text } = installed(file, undefined);
    expect(state, file.path).toBe("changed");
    expect(installed(file, text).state).toBe("same");
    expect(uninstalled(file, text)).toMatchObject({ state: "removed", text: undefined });
    expect(uninstalled(file, undefined).state).toBe("same");
  }
});

test.each([undefined, "{}", '{ "hooks": { "Stop": [] } }\n', '{"hooks":{}, "z": 1}'])(
  "both hooks come and go to the byte: %j",
  (text) => {
    const file = agentFiles("claude", ["npx", "ds"]).at(-1);
    if (file === undefined) throw new Error("no settings.json");
    const put = installed(file, text).text ?? "";
    expect(JSON.parse(put).hooks).toMatchObject({ SessionStart: [{}], SessionEnd: [{}] });
    expect(uninstalled(file, put).text).toBe(text);
    // A hook of the user's own at the end of a session stays, and ours at its beginning goes all the same.
    const own = '{ "hooks": { "SessionEnd": [{ "hooks": [] }] } }';
    const beside = installed(file, own).text ?? "";
    expect(JSON.parse(beside).hooks.SessionEnd).toEqual([{ hooks: [] }]);
    expect(uninstalled(file, beside).text).toBe(own);
  },
);

test("another's table of the name in config.toml stays", () => {
  const [, file] = agentFiles("codex", ["npx", "ds"]);
  if (file === undefined) throw new Error("no config.toml");
  const own = '[mcp_servers.ds]\ncommand = "mine"\n';
  expect(installed(file, own)).toMatchObject({ state: "left", text: own });
  expect(installed(file, "[mcp_servers.other]\n").state).toBe("changed");
});
