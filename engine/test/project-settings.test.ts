import type { Project } from "@neondatabase/api-client";
import { expect, test } from "vitest";
import type { TestProject } from "./support/branches.ts";
import type { TestEngine } from "./support/test-engine.ts";
import { withEngine } from "./support/with-engine.ts";

/** What a project was made with is told again: clients that keep a description of it compare. */

let engine: TestEngine;
let project: TestProject;

const asked = {
  region_id: "aws-eu-central-1",
  provisioner: "k8s-pod",
  store_passwords: false,
  org_id: "org-of-mine",
};

withEngine((fresh) => {
  ({ engine, project } = fresh);
}, asked);

const get = async () => (await project.call<{ project: Project }>(200, "GET", "")).project;
const change = async (settings: object) =>
  (await project.call<{ project: Project }>(200, "PATCH", "", { project: { settings } })).project;

test("settings are whole from the start, change in parts, and stay", async () => {
  expect((await get()).settings).toEqual({
    allowed_ips: { ips: [], protected_branches_only: false },
    enable_logical_replication: false,
    block_public_connections: false,
    block_vpc_connections: false,
    maintenance_window: { weekdays: [7], start_time: "02:00", end_time: "03:00" },
  });
  const window = { weekdays: [1, 2], start_time: "01:00", end_time: "02:00" };
  await change({ allowed_ips: { ips: ["192.0.2.1"] }, maintenance_window: window });
  await change({ allowed_ips: { protected_branches_only: true }, block_vpc_connections: true });
  await change({ quota: { logical_size_bytes: 5 } });
  expect((await get()).settings).toEqual({
    allowed_ips: { ips: ["192.0.2.1"], protected_branches_only: true },
    enable_logical_replication: false,
    block_public_connections: false,
    block_vpc_connections: true,
    maintenance_window: window,
    quota: { logical_size_bytes: 5 },
  });
});

test("region, provisioner, organization and store_passwords are those that were asked for", async () => {
  expect(await get()).toMatchObject({ ...asked, platform_id: "aws", owner: { name: "Local" } });
  const { endpoints } = await project.call<{ endpoints: object[] }>(200, "GET", "/endpoints");
  expect(endpoints).toMatchObject([{ region_id: asked.region_id }]);
  const list = (org: string) =>
    engine.call<{ projects: object[] }>(200, "GET", `/projects?org_id=${org}`);
  expect((await list(asked.org_id)).projects).toMatchObject([asked]);
  expect((await list("org-local")).projects).toEqual([]);
});

test("passwords that are not stored are told when they are made, and not again", async () => {
  const roles = `/branches/${project.main.id}/roles`;
  const reveal = `${roles}/neondb_owner/reveal_password`;
  const refused = { code: "PASSWORD_NOT_STORED" };
  expect(await project.call(412, "GET", reveal)).toMatchObject(refused);
  const names = "database_name=neondb&role_name=neondb_owner";
  expect(await project.call(412, "GET", `/connection_uri?${names}`)).toMatchObject(refused);
  const child = await project.call<object>(201, "POST", "/branches", {
    endpoints: [{ type: "read_write" }],
  });
  expect(child).not.toHaveProperty("connection_uris");
  const reset = await project.call(200, "POST", `${roles}/neondb_owner/reset_password`);
  expect(reset).toMatchObject({ role: { password: expect.stringMatching(/^npg_/) } });
});
