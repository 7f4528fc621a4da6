import { describe, expect, test } from "vitest";
import { dsHome } from "./home.ts";

describe("home", () => {
  test.each<[Record<string, string>, number, string]>([
    [{ DS_HOME: "/x/y" }, 0, "/x/y"],
    [{ HOME: "/root" }, 0, "/var/lib/ds"],
    [{ HOME: "/home/a" }, 1000, "/home/a/.local/state/ds"],
    [{ HOME: "/home/a", XDG_STATE_HOME: "/state" }, 1000, "/state/ds"],
    [{ HOME: "/home/a", XDG_STATE_HOME: "relative" }, 1000, "/home/a/.local/state/ds"],
  ])("%j as uid %d", (env, uid, home) => expect(dsHome(env, uid)).toBe(home));

  test("a relative one is refused: it would be another in each folder", () => {
    expect(() => dsHome({ DS_HOME: "home" }, 1000)).toThrow(/absolute/);
    expect(() => dsHome({}, 1000)).toThrow(/neither DS_HOME nor HOME/);
  });
});
