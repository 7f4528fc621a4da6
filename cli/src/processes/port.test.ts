import { expect, test } from "vitest";
import { freeThePort, listeningInodes, parseLsof, portTaken } from "./port.ts";

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1
   2: 0100007F:0BB8 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 333 1
   3: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 444 1
`;

test.each([
  [3000, ["111", "444"]],
  [80, ["222"]],
  [54321, []],
])("who listens on port %s", (port, inodes) => {
  expect(listeningInodes(table, port)).toEqual(inodes);
});

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
