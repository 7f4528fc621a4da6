import { expect, test } from "vitest";
import { pipSettings } from "./pip-settings.ts";

const none = { indexUrl: undefined, cert: undefined, noIndex: undefined };
const of = (...files: string[]) => pipSettings(files, none).indexUrl;
const usual = pipSettings([], none).indexUrl;

test.each([
  ["[global]\nindex-url = https://a.example/simple", "https://a.example/simple"],
  ["[global]\r\nINDEX_URL: https://a.example/simple \r\n", "https://a.example/simple"],
  ["[global]\nindex-url=https://a.example/s?x=1#y", "https://a.example/s?x=1#y"],
  ["[list]\nindex-url = https://a.example/simple", usual],
  ["# [global]\n; index-url = x\n[global]\n#index-url = https://a.example", usual],
  [
    "[install]\nindex-url = https://b.example\n[global]\nindex-url = https://a.example",
    "https://b.example",
  ],
  ["[global]\nextra-index-url = https://a.example", usual],
  ["index-url = https://a.example", usual],
])("%j", (text, url) => expect(of(text)).toBe(url));

test("later files count before earlier ones, and variables before all", () => {
  const files = [
    "[global]\nindex-url = https://a.example\ncert = /a.pem",
    "[global]\nindex-url = https://b.example",
  ];
  expect(of(...files)).toBe("https://b.example");
  expect(pipSettings(files, none).cert).toBe("/a.pem");
  const variables = { indexUrl: "https://c.example", cert: "/c.pem", noIndex: "" };
  expect(pipSettings(files, variables)).toEqual({
    indexUrl: "https://c.example",
    cert: "/c.pem",
    noIndex: false,
  });
});

test.each([
  ["1", true],
  ["true", true],
  ["no", false],
  ["0", false],
])("no-index %s", (noIndex, expected) => {
  expect(pipSettings([], { ...none, noIndex }).noIndex).toBe(expected);
  expect(pipSettings([`[global]\nno-index = ${noIndex}`], none).noIndex).toBe(expected);
});
