import { expect, test } from "vitest";
import { parseListeners } from "./listeners.ts";

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
  expect(parseListeners(table, port).map(({ inode }) => inode)).toEqual(inodes);
});
