import { expect, test } from "vitest";
import { finders } from "./facts.ts";
import { nothingYet, type PullRequestState } from "./sources.ts";

const listed = (states: [number, PullRequestState][]) =>
  finders({ ...nothingYet, pullRequests: { state: "known", value: new Map(states) } }).pullRequest;

test.each<[title: string, number, [number, PullRequestState][], object]>([
  ["listed", 7, [[7, "open"]], { is: "there", value: { number: 7, state: "open" } }],
  ["older than the list goes back: it may be open", 6, [[7, "merged"]], { is: "unknown" }],
  ["newer than the list, or no pull request's number", 9, [[7, "merged"]], { is: "none" }],
  ["there is no pull request at all", 6, [], { is: "none" }],
])("a pull request: %s", (_, number, states, fact) => {
  expect(listed(states)(number)).toMatchObject(fact);
});
