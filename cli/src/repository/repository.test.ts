import { describe, expect, test } from "vitest";
import type { Binding } from "./binding.ts";
import {
  bindingsOf,
  movedFrom,
  ownBindings,
  refreshed,
  withBinding,
  withMoved,
} from "./binding.ts";
import { type Likeness, likeness, type Repository } from "./repository.ts";

const at = (folder: string, remote?: string, rootCommit?: string, part = ""): Repository => ({
  folder,
  remote,
  rootCommit,
  part,
});

describe("is it the same repository?", () => {
  test.each<[string, Repository, Repository, Likeness]>([
    ["a clone of one remote", at("/a", "h/s", "r"), at("/b", "h/s", "r"), "same"],
    ["a shallow clone", at("/a", "h/s", "r"), at("/b", "h/s"), "same"],
    [
      "history was rewritten, the remote is there",
      at("/a", "h/s", "r"),
      at("/a", "h/s", "q"),
      "same",
    ],
    ["a fork, or a product of one template", at("/a", "h/s", "r"), at("/b", "h/f", "r"), "other"],
    ["the remote was renamed", at("/a", "h/s", "r"), at("/a", "h/t", "r"), "changed"],
    ["another clone in the same folder", at("/a", "h/s", "r"), at("/a", "h/t", "q"), "changed"],
    ["a clone of the folder", at("/a", undefined, "r"), at("/b", "file:/a", "r"), "same"],
    ["the folder that it is a clone of", at("/b", "file:/a", "r"), at("/a", "h/s", "r"), "same"],
    [
      "a copy, or of one template, neither has a remote",
      at("/a", undefined, "r"),
      at("/b", undefined, "r"),
      "other",
    ],
    ["two without anything in common", at("/a", undefined, "r"), at("/b", undefined, "q"), "other"],
    ["a remote was added", at("/a", undefined, "r"), at("/a", "h/s", "r"), "same"],
    ["the remote was removed", at("/a", "h/s", "r"), at("/a", undefined, "r"), "same"],
    ["a template without its remote", at("/a", "h/s", "r"), at("/b", undefined, "r"), "other"],
    ["rewritten without a remote", at("/a", undefined, "r"), at("/a", undefined, "q"), "changed"],
    [
      "filter-repo, which takes the remote away",
      at("/a", "h/s", "r"),
      at("/a", undefined, "q"),
      "changed",
    ],
    ["begun anew in the folder", at("/a", "h/s", "r"), at("/a"), "changed"],
    ["no git, the same folder", at("/a"), at("/a"), "same"],
    ["no git, another folder", at("/a"), at("/b"), "other"],
    ["the first commit since", at("/a"), at("/a", undefined, "r"), "likely"],
    ["git init above the folder since", at("/a/db"), at("/a", undefined, "r", "db"), "likely"],
    ["cloned where there was no git", at("/a"), at("/a", "h/s", "r"), "likely"],
  ])("%s", (_, known, now, expected) => {
    expect(likeness(known, now)).toBe(expected);
  });
});

describe("bindings", () => {
  const binding = (project: string, repository: Repository, name = "shop"): Binding => ({
    project,
    name,
    api: "local",
    repository,
    since: "2026-01-01T00:00:00Z",
  });
  const shop = at("/a", "h/s", "r");

  test("a new one stands for the one before, and leaves other repositories' alone", () => {
    const [before, others] = [binding("p1", shop), binding("p1", at("/b", "h/f", "r"))];
    const now = binding("p2", { ...shop, folder: "/clone" });
    expect(withBinding([before, others], now, { part: false })).toEqual([others, now]);
  });

  test("an inferred name is of one folder of the repository, a given one of all", () => {
    const [one, other] = ["one", "other"].map((part) => ({ ...shop, part })) as [
      Repository,
      Repository,
    ];
    const all = [binding("p1", one)];
    const name = { api: "local", name: "shop" };
    expect(ownBindings(all, other, { ...name, part: true })).toEqual([]);
    expect(ownBindings(all, other, { ...name, part: false })).toHaveLength(1);
    expect(withBinding(all, binding("p2", other), { part: true })).toHaveLength(2);
    expect(withBinding(all, binding("p2", other), { part: false })).toHaveLength(1);
  });

  test("the same id at another API is another project", () => {
    const all = [binding("p1", shop)];
    expect(ownBindings(all, shop, { api: "console.neon.tech", name: "shop", part: false })).toEqual(
      [],
    );
  });

  test("a sign that the repository gets later is remembered, one that it loses is kept", () => {
    const all = binding("p1", at("/a", undefined, "r"));
    expect(refreshed(all, at("/a", "h/s", "r"))?.repository).toEqual(at("/a", "h/s", "r"));
    expect(refreshed(binding("p1", shop), at("/a", undefined, "r"))).toBeUndefined();
    expect(refreshed(binding("p1", shop), at("/clone", "h/s", "r"))).toBeUndefined();
  });

  test("what is bound to a moved repository comes along, for each of its folders", () => {
    const [one, two] = ["one", "two"].map((part) =>
      binding(part, at("/a", undefined, "r", part)),
    ) as [Binding, Binding];
    const others = binding("p", at("/c", undefined, "q"));
    expect(withMoved([one, others, two], "/a", "/b").map(({ repository }) => repository)).toEqual([
      at("/b", undefined, "r", "one"),
      others.repository,
      at("/b", undefined, "r", "two"),
    ]);
  });

  test.each<[string, Repository[], Repository, string[], string | undefined]>([
    ["moved", [at("/a", undefined, "r")], at("/b", undefined, "r"), [], "/a"],
    ["a copy", [at("/a", undefined, "r")], at("/b", undefined, "r"), ["/a"], undefined],
    ["not the same", [at("/a", undefined, "q")], at("/b", undefined, "r"), [], undefined],
    ["without a commit", [at("/a")], at("/b"), [], undefined],
    ["it has a remote", [at("/a", undefined, "r")], at("/b", "h/s", "r"), [], undefined],
    ["that had a remote", [at("/a", "h/s", "r")], at("/b", undefined, "r"), [], undefined],
    [
      "this one is known",
      [at("/a", undefined, "r"), at("/b", undefined, "r")],
      at("/b", undefined, "r"),
      [],
      undefined,
    ],
    [
      "one of two that are gone",
      [at("/a", undefined, "r"), at("/c", undefined, "r")],
      at("/b", undefined, "r"),
      [],
      undefined,
    ],
  ])("is it a moved repository? %s", (_, known, now, there, from) => {
    const all = known.map((repository) => binding("p", repository));
    expect(movedFrom(all, now, (folder) => there.includes(folder))).toBe(from);
  });

  test("how a checkout stands to all that is bound to a project", () => {
    const all = [binding("p1", shop), binding("p2", shop), binding("p1", at("/b", "h/f", "r"))];
    expect(bindingsOf(all, "p1", shop).map(({ likeness: how }) => how)).toEqual(["same", "other"]);
  });
});
