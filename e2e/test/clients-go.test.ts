import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith, inPath, tool } from "../../scripts/test-support/needs.ts";
import { madeTool } from "../../scripts/tools-folder.mjs";
import { AsNeonCloud } from "../support/as-neon-cloud.ts";
import { NeonMachine } from "../support/neon.ts";
import { ended, run } from "../support/run.ts";

/** The Terraform provider for Neon, and the Go SDK that it is made with: both speak to Neon's cloud alone, by its name. */

const allInPath = (...names: string[]) => names.every((name) => inPath(name).find() !== undefined);

const provider = tool("terraform, openssl and the provider for Neon", () =>
  allInPath("terraform", "openssl") ? madeTool("go-neon", "terraform-provider-neon") : undefined,
);

const smokeTest = tool("openssl and the smoke test of Neon's Go SDK", () =>
  allInPath("openssl") ? madeTool("go-neon", "neon-sdk-go.test") : undefined,
);

const resources = (branch: string) => `
terraform {
  required_providers {
    neon = { source = "kislerdm/neon" }
  }
}
resource "neon_project" "shop" {
  name                      = "shop"
  region_id                 = "aws-us-east-2"
  history_retention_seconds = 3600
  branch {
    name          = "main"
    database_name = "shop"
    role_name     = "shop"
  }
}
resource "neon_branch" "dev" {
  project_id = neon_project.shop.id
  name       = "${branch}"
}
resource "neon_endpoint" "dev" {
  project_id = neon_project.shop.id
  branch_id  = neon_branch.dev.id
  type       = "read_write"
}
resource "neon_role" "reader" {
  project_id = neon_project.shop.id
  branch_id  = neon_branch.dev.id
  name       = "reader"
}
resource "neon_database" "second" {
  project_id = neon_project.shop.id
  branch_id  = neon_branch.dev.id
  name       = "second"
  owner_name = neon_role.reader.name
}
resource "neon_api_key" "ci" {
  name = "ci"
}
resource "neon_project_permission" "nora" {
  project_id = neon_project.shop.id
  grantee    = "nora@acme.example"
}
`;

describeWith(provider, "the Terraform provider", (program) => {
  const { machine, env } = inTheCloudsName();

  /** No drift: 0; changes to be made: 2. */
  async function terraform(args: string[], status = 0): Promise<void> {
    const settings = {
      TF_CLI_CONFIG_FILE: join(machine.folder, "terraform.rc"),
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
    };
    const place = { cwd: machine.folder, env: { ...machine.env, ...env(), ...settings } };
    ended(await run("terraform", [...args, "-no-color"], place), status);
  }

  const write = (file: string, text: string) => writeFileSync(join(machine.folder, file), text);

  test("applied, seen without drift, changed, destroyed", async () => {
    const folder = dirname(program);
    write(
      "terraform.rc",
      `provider_installation {\n  dev_overrides { "kislerdm/neon" = "${folder}" }\n  direct {}\n}\n`,
    );
    write("main.tf", resources("dev"));
    await terraform(["apply", "-auto-approve"]);
    await terraform(["plan", "-detailed-exitcode"]);
    write("main.tf", resources("renamed"));
    await terraform(["plan", "-detailed-exitcode"], 2);
    await terraform(["apply", "-auto-approve"]);
    await terraform(["plan", "-detailed-exitcode"]);
    const project = await machine.api.projectId("shop");
    expect((await machine.api.branches(project)).map(({ name }) => name).sort()).toEqual([
      "main",
      "renamed",
    ]);
    await terraform(["destroy", "-auto-approve"]);
    expect(await machine.api.get("/api_keys")).toEqual([]);
    await expect(machine.api.projectId("shop")).rejects.toThrow("No project");
  });
});

describeWith(smokeTest, "the Go SDK", (program) => {
  const { machine, env } = inTheCloudsName();

  test("its own smoke test", async () => {
    const place = { cwd: machine.folder, env: { ...machine.env, ...env(), TF_ACC: "1" } };
    const args = ["-test.run", "TestSmoke", "-test.v"];
    const { stdout } = ended(await run(program, args, place), 0);
    expect(stdout).toContain("--- PASS: TestSmoke");
  });
});

function inTheCloudsName(): { machine: NeonMachine; env: () => Record<string, string> } {
  const machine = new NeonMachine();
  let cloud: AsNeonCloud | undefined;
  beforeAll(async () => {
    await machine.start();
    cloud = await new AsNeonCloud(machine.folder, machine.api.url).start();
  });
  afterAll(async () => {
    cloud?.stop();
    await machine.close();
  });
  return { machine, env: () => cloud?.env ?? {} };
}
