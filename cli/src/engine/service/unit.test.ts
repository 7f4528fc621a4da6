import { describe, expect, test } from "vitest";
import {
  disableCommands,
  enableCommands,
  isOwnUnit,
  programOf,
  type Unit,
  unitOf,
} from "./unit.ts";

const engine = {
  node: "/usr/bin/node",
  program: "/opt/ds/dist/engine.js",
  home: "/home/phil/.local/state/ds",
  usualHome: "/home/phil/.local/state/ds",
};
const phil = {
  platform: "linux",
  uid: 1000,
  userHome: "/home/phil",
  configHome: "/home/phil/.config",
} as const;
const mac = { ...phil, platform: "darwin", uid: 501, userHome: "/Users/phil" } as const;

const unit = (
  changes: Partial<typeof engine> = {},
  place: Parameters<typeof unitOf>[1] = phil,
): Unit => {
  const made = unitOf({ ...engine, ...changes }, place);
  if (!made) throw new Error("no unit");
  return made;
};

describe("where it goes", () => {
  test.each([
    ["a user's", phil, "/home/phil/.config/systemd/user/ds-engine.service"],
    [
      "another folder of settings",
      { ...phil, configHome: "/etc/phil" },
      "/etc/phil/systemd/user/ds-engine.service",
    ],
    ["root's", { ...phil, uid: 0 }, "/etc/systemd/system/ds-engine.service"],
    ["macOS", mac, "/Users/phil/Library/LaunchAgents/dev.devstride.ds-engine.plist"],
    ["root's on macOS", { ...mac, uid: 0 }, "/Library/LaunchDaemons/dev.devstride.ds-engine.plist"],
  ])("%s", (_, place, file) => {
    expect(unit({}, place).file).toBe(file);
  });

  test("another home has a name of its own", () => {
    const other = unit({ home: "/srv/ds" });
    expect(other.name).toMatch(/^ds-engine-[0-9a-f]{8}\.service$/);
    expect(other.name).not.toBe(unit({ home: "/srv/ds2" }).name);
  });

  test("no unit where the way of the platform is not known", () => {
    expect(unitOf(engine, { ...phil, platform: "win32" })).toBeUndefined();
  });
});

describe("paths keep their characters", () => {
  const paths = [
    "/opt/my tools/ds.js",
    '/a"b/ds.js',
    "/50%/$HOME/ds.js",
    "/back\\slash/ds.js",
    "/a&b<c>/ds.js",
  ];

  test.each(paths)("%s", (program) => {
    for (const place of [phil, mac]) expect(programOf(unit({ program }, place))).toBe(program);
  });

  test("in systemd's own words", () => {
    expect(unit({ program: '/50%/$HOME/my "ds".js' }).text).toContain(
      'ExecStart="/usr/bin/node" "/50%%/$$HOME/my \\"ds\\".js" "serve" "--home" "/home/phil/.local/state/ds"',
    );
  });
});

test("what ds has not written is not its own", () => {
  expect(isOwnUnit(unit().text)).toBe(true);
  expect(isOwnUnit(unit({}, mac).text)).toBe(true);
  expect(isOwnUnit("[Service]\nExecStart=/usr/bin/ds engine start\n")).toBe(false);
  expect(
    programOf({ manager: "systemd", text: "[Service]\nExecStart=/usr/bin/ds\n" }),
  ).toBeUndefined();
});

test("a user's manager is asked by a user, the machine's by root", () => {
  expect(enableCommands(unit(), { uid: 1000, now: true })).toEqual([
    ["systemctl", "--user", "daemon-reload"],
    ["systemctl", "--user", "enable", "--now", "ds-engine.service"],
  ]);
  expect(enableCommands(unit(), { uid: 0, now: false })[1]).toEqual([
    "systemctl",
    "enable",
    "ds-engine.service",
  ]);
  expect(enableCommands(unit({}, mac), { uid: 501, now: true })).toEqual([
    ["launchctl", "bootstrap", "gui/501", unit({}, mac).file],
  ]);
  expect(disableCommands(unit({}, mac), 501)).toEqual([
    ["launchctl", "bootout", "gui/501/dev.devstride.ds-engine"],
  ]);
  expect(disableCommands(unit(), 1000)[0]).toEqual([
    "systemctl",
    "--user",
    "disable",
    "ds-engine.service",
  ]);
});
