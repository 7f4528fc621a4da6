import { describe, expect, test } from "vitest";
import { ownRemoteUrl, remoteAddress } from "./remote.ts";

describe("one repository's address, however it is written", () => {
  test.each([
    "https://github.com/acme/shop",
    "https://github.com/acme/shop.git",
    "https://github.com/acme/shop/",
    "https://phil@GitHub.com/acme/shop.git",
    "https://phil:ghp_secret@github.com:443/acme/shop.git",
    "https://x-access-token:a%40b@github.com/acme/shop?depth=1",
    "ssh://git@github.com/acme/shop.git",
    "ssh://git@github.com:22/acme/shop.git",
    "git+ssh://git@github.com/acme/shop",
    "git://github.com:9418/acme/shop.git",
    "git@github.com:acme/shop.git",
    "git@github.com:/acme/shop.git",
    "github.com:acme/shop",
  ])("%s", (url) => {
    expect(remoteAddress(url)).toEqual({ remote: "github.com/acme/shop" });
  });

  test.each([
    ["ssh://git@github.com:2222/acme/shop", "github.com:2222/acme/shop"],
    ["git@[::1]:acme/shop.git", "[::1]/acme/shop"],
    ["https://github.com/acme/Shop", "github.com/acme/Shop"],
    ["https://github.com/beta/shop", "github.com/beta/shop"],
  ])("%s is another one", (url, remote) => {
    expect(remoteAddress(url)).toEqual({ remote });
  });

  test.each([
    ["/srv/git/shop.git", "/srv/git/shop.git"],
    ["../shop", "../shop"],
    ["./a:b", "./a:b"],
    ["/a:b/c", "/a:b/c"],
    ["file:///srv/git/shop", "/srv/git/shop"],
    ["file://localhost/srv/git/shop", "/srv/git/shop"],
  ])("%s is a folder", (url, path) => {
    expect(remoteAddress(url)).toEqual({ path });
  });
});

test.each([
  ["origin", "up\tu1 (fetch)\nup\tu1 (push)\norigin\tu2 (fetch)\norigin\tu3 (push)", "u2"],
  ["the only one", "up\tu1 (fetch)\nup\tu1 (push)", "u1"],
  ["a partial clone's", "origin\tu1 (fetch) [blob:none]\norigin\tu1 (push)", "u1"],
  ["one of several without origin", "a\tu1 (fetch)\nb\tu2 (fetch)", undefined],
  ["none", "", undefined],
])("the remote that counts: %s", (_, listing, url) => {
  expect(ownRemoteUrl(listing)).toBe(url);
});
