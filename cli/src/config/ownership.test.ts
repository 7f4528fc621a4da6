import { expect, test } from "vitest";
import { isDeclaredSafe, ownUsers } from "./ownership.ts";

test.each([
  [1000, {}, [1000]],
  [0, {}, [0]],
  [0, { SUDO_UID: "1000" }, [0, 1000]],
  [0, { SUDO_UID: "x" }, [0]],
  // Whoever is not root was given no rights by sudo.
  [1000, { SUDO_UID: "1001" }, [1000]],
])("user %s with %o has the files of %o", (uid, env, users) => {
  expect(ownUsers(uid, env)).toEqual(users);
});

test.each([
  [undefined, false],
  ["", false],
  ["/srv/app", true],
  ["/srv/app/", true],
  ["/srv", true],
  ["/", true],
  ["*", true],
  ["/other:/srv/app", true],
  ["/srv/ap", false],
  ["/srv/app/sub", false],
  ["/srv/app/..a", false],
  [".", false],
  ["srv/app", false],
])("DS_SAFE_DIRECTORY=%s: %s", (DS_SAFE_DIRECTORY, safe) => {
  expect(isDeclaredSafe("/srv/app/ds.config.ts", { DS_SAFE_DIRECTORY })).toBe(safe);
});
