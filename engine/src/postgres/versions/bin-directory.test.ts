import { expect, test } from "vitest";
import { directoryRefusal, versionRefusal } from "./bin-directory.ts";

const part = (name: string, uid = 0, mode = 0o100755) => ({ name, uid, mode });
const bin = part("/opt/pg/bin", 0, 0o40755);

test.each([
  ["root's", [bin, part("/opt/pg/bin/postgres")], undefined],
  ["one's own, and of a group", [bin, part("postgres", 1000, 0o100775)], undefined],
  ["without a program", [bin, undefined], "initdb"],
  ["another user's", [bin, part("postgres", 1001)], "another user"],
  ["a directory of another user's", [part("/opt/pg/bin", 1001), part("postgres")], "another user"],
  ["open to everybody", [bin, part("postgres", 0, 0o100777)], "everybody"],
])("a bin directory that is %s", (_, parts, why) => {
  const refusal = directoryRefusal({ path: "/opt/pg/bin", parts }, 1000);
  if (why === undefined) expect(refusal).toBeUndefined();
  else expect(refusal).toContain(why);
});

test.each([
  ["15.14", 15, undefined],
  ["17.10", 15, "not 15"],
  ["18.4", 18, "DS_POSTGRES_BIN"],
  ["13.1", 13, "14 to 18"],
  ["19", 19, "14 to 18"],
])("PostgreSQL %s where %i is wanted beside 18", (version, wanted, why) => {
  const major = Number(version.split(".")[0]);
  const refusal = versionRefusal({ major, version }, { wanted, own: 18 });
  if (why === undefined) expect(refusal).toBeUndefined();
  else expect(refusal).toContain(why);
});
