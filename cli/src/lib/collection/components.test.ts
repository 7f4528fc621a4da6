import { expect, test } from "vitest";
import { components } from "./components.ts";

const of = (edges: Record<string, string>) =>
  components(Object.keys(edges), (node) => edges[node]?.split("") ?? []).map((group) =>
    group.sort().join(""),
  );

test("what is led to comes first", () => {
  expect(of({ a: "b", b: "c", c: "" })).toEqual(["c", "b", "a"]);
  expect(of({ a: "", b: "a", c: "ab" })).toEqual(["a", "b", "c"]);
});

test("circles are one group, also within others", () => {
  expect(of({ a: "b", b: "c", c: "bd", d: "" })).toEqual(["d", "bc", "a"]);
  expect(of({ a: "a", b: "a" })).toEqual(["a", "b"]);
});

test("edges to what is not there count for nothing", () => {
  expect(of({ a: "x" })).toEqual(["a"]);
});
