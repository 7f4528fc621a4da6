import { expect, test } from "vitest";
import { startupMessage } from "../postgres/wire-messages.ts";
import { withoutEndpointOption, withoutEndpointPrefix } from "./startup-options.ts";

const here = { endpointId: "ep-calm-sea-a1", projectId: "calm-sea-1" };
const packet = (options?: string) =>
  startupMessage({ user: "ö", database: "neondb", ...(options !== undefined && { options }) });

test.each([
  ["endpoint=ep-calm-sea-a1", undefined],
  ["endpoint=ep-calm-sea-a1-pooler", undefined],
  ["endpoint%3Dep-calm-sea-a1", undefined],
  ["project=calm-sea-1", undefined],
  ["project=ep-calm-sea-a1", undefined],
  ["-c geqo=off endpoint=ep-calm-sea-a1  -c search_path=a\\ b", "-c geqo=off -c search_path=a\\ b"],
  ["-c a=endpoint=ep-other", "-c a=endpoint=ep-other"],
  ["-c\\ endpoint=ep-other", "-c\\ endpoint=ep-other"],
])("options %j come to Postgres as %j", (options, rest) => {
  expect(withoutEndpointOption(packet(options), here)).toEqual({ packet: packet(rest) });
});

test.each(["endpoint=ep-other", "project=other-1", "endpoint=calm-sea-1", "-c a=b endpoint=é"])(
  "%j is not meant for this endpoint",
  (options) => {
    const answer = withoutEndpointOption(packet(options), here);
    expect(answer).toEqual({ refusal: expect.stringMatching(/^[ -~]*ep-calm-sea-a1[ -~]*$/) });
  },
);

test("what is no start of a session is left alone", () => {
  const cancel = Buffer.alloc(16);
  cancel.writeInt32BE(16, 0);
  cancel.writeInt32BE(80877102, 4);
  for (const other of [
    cancel,
    Buffer.from("GET / HTTP/1.1"),
    packet(),
    packet("").subarray(0, 20),
  ]) {
    expect(withoutEndpointOption(other, here)).toEqual({ packet: other });
  }
});

test.each([
  ["endpoint=ep-a;secret", "secret", { kind: "endpoint", id: "ep-a" }],
  ["project=ep-a$se;cret", "se;cret", { kind: "project", id: "ep-a" }],
  ["secret;endpoint=ep-a", "secret;endpoint=ep-a", undefined],
  ["endpoint=ep-a", "endpoint=ep-a", undefined],
])("the password %j is %j", (sent, password, named) => {
  expect(withoutEndpointPrefix(sent)).toEqual({ password, named });
});
