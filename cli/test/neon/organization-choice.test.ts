import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import { findOrganization } from "../../src/neon/io/find-organization.ts";
import type { NeonReader } from "../../src/neon/io/reader.ts";
import { memoryOutput } from "../helpers/memory-output.ts";
import { withScratchFolder } from "../helpers/scratch.ts";

const home = withScratchFolder();
const api = "https://neon.example/api/v2";
const all = [
  { id: "org-a-1", name: "Alpha" },
  { id: "org-b-2", name: "Beta" },
];
/** Of the API only its list of organizations is asked. */
const reader = { get: async () => ({ organizations: all }) } as unknown as NeonReader;

function person(project: string, interactive = true) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const screen = { text: "" };
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  terminal.on("data", (chunk) => {
    screen.text += String(chunk);
  });
  const { output, text } = memoryOutput();
  const context = {
    env: {},
    home: home.path,
    interactive,
    terminal: { input: input as never, output: terminal as never },
    output,
    signal: new AbortController().signal,
    organizationSettings: async () => ({ org: undefined, project }),
  };
  return { input, screen, text, found: () => findOrganization(context, reader, api) };
}

test("several: asked once for a project, remembered, and said each time", async () => {
  const first = person("shop");
  const found = first.found();
  await until("the question", () => first.screen.text.includes("Beta (org-b-2)"));
  const drawn = first.screen.text.length;
  first.input.write("\u001b[B");
  await until("the next one", () => first.screen.text.length > drawn);
  first.input.write("\r");
  expect(await found).toBe("org-b-2");
  expect(first.text.err).toContain("Beta (org-b-2)");

  const second = person("shop", false);
  expect(await second.found()).toBe("org-b-2");
  expect(second.text.err).toContain("NEON_ORG_ID");

  await expect(person("other", false).found()).rejects.toMatchObject({
    reason: "ORGANIZATION_UNCLEAR",
  });
});
