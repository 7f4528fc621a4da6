import { expect, test } from "vitest";
import { proxySays } from "./neon-proxy-says.ts";

test.each([
  [
    "This IP address 1.2.3.4 is not allowed to connect to this endpoint. Please add it to the allowed list in the Neon console.",
    /IP Allow/,
  ],
  ["This IP address is not allowed to connect to this endpoint.", /IP Allow/],
  [
    "Your account or project has exceeded the compute time quota. Upgrade your plan to increase limits.",
    /compute time/,
  ],
  ["You have exceeded the limit of concurrently active endpoints.", /run at a time/],
  ["Too many connections to this endpoint. Please try again later.", /too many connections/],
  ["ERROR: The endpoint has been disabled. Enable it using Neon API and retry.", /disabled/],
  ["Control plane request failed", /started/],
])("%s", (message, reason) => {
  expect(proxySays(message)?.reason).toMatch(reason);
});

test.each([
  "password authentication failed for user 'x'",
  'relation "this ip address is not allowed to connect to this endpoint" does not exist',
])("not of the proxy: %s", (message) => {
  expect(proxySays(message)).toBeUndefined();
});
