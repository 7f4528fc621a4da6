import { expect, test } from "vitest";
import { freeThePort, parseLsof, portTaken } from "./port.ts";

test("what lsof prints", () => {
  expect(parseLsof("p123\ncnode\nf20\np124\ncnode\n")).toEqual({ pid: 123, name: "node" });
  expect(parseLsof("")).toBeUndefined();
});

test("as people read it", () => {
  const holder = { pid: 7, name: "node" };
  expect(portTaken(3000, holder)).toBe("port 3000 is taken by node (pid 7)");
  expect(portTaken(3000, undefined)).toBe("port 3000 is taken by another process");
  expect(freeThePort(3000, holder)).toContain("kill 7");
  expect(freeThePort(3000, undefined)).not.toContain("kill");
});
