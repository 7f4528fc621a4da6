import { expect, test } from "vitest";
import { connectionInfo, standbySettings } from "./standby-settings.ts";

test.each([
  [{}, {}, undefined],
  [{}, { max_connections: "200" }, "200"],
  [{ max_connections: "50" }, { max_connections: "200" }, "200"],
  [{ max_connections: "300" }, { max_connections: "200" }, "300"],
  [{ max_connections: "50" }, {}, "100"],
  [{}, { max_connections: "50" }, undefined],
])("a standby of %j has as many connections as a primary of %j: %s", (own, primarys, count) => {
  const settings = standbySettings(own, primarys, "host='h'");
  expect(settings.max_connections).toBe(count);
  expect(settings).toMatchObject({ hot_standby: "on", primary_conninfo: "host='h'" });
});

test("connection parameters are quoted", () => {
  expect(connectionInfo({ host: "h", passfile: "/it's a \\ path" })).toBe(
    "host='h' passfile='/it\\'s a \\\\ path'",
  );
});
