#!/usr/bin/env node
// @ts-nocheck: a program of its own, started by the name `pulumi`
// Stands in for Pulumi's command line, as far as `ds` uses it: the same words and the same files on a `file://`
// backend, and a program that makes what the one in infra/ makes. `deploy-real.test.ts` holds both against each other.
//
// A test can give it a fault: a file `<command>.fault` in the backend's folder, with what it says; `wait` in it makes
// it hold the stack's lock until the file is gone. `any.fault` is for all commands, before they begin.
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

class Refusal extends Error {
  constructor(message, status = 1) {
    super(message);
    this.status = status;
  }
}

const words = [];
const flags = { config: [] };
const switches = new Set(["yes", "json", "all", "no-select", "skip-preview", "non-interactive"]);
switches.add("fully-qualify-stack-names");
for (let at = 2; at < process.argv.length; at += 1) {
  const word = process.argv[at];
  if (!word.startsWith("--")) words.push(word);
  else if (switches.has(word.slice(2))) flags[word.slice(2)] = true;
  else if (word === "--config") flags.config.push(process.argv[++at]);
  else if (["--stack", "--color", "--config-file", "--secrets-provider"].includes(word))
    flags[word.slice(2)] = process.argv[++at];
  else fail(`unknown flag: ${word}`);
}

const url = process.env.PULUMI_BACKEND_URL;
const backend = url?.replace(/^file:\/\//, "");
const project = /^name: *(\S+)/m.exec(readFileSync("Pulumi.yaml", "utf8"))?.[1];

try {
  await main(words.slice(0, 2).join(" "));
} catch (error) {
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = error.status ?? 1;
}

async function main(command) {
  if (!backend) {
    throw new Refusal(
      "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
      3,
    );
  }
  await anyFault();
  switch (command) {
    case "whoami":
      return print({ user: userInfo().username, url });
    case "install":
      return mkdirSync("node_modules", { recursive: true });
    case "stack ls":
      return print(stacks());
    case "stack init":
      return init(words[2]);
    case "stack rm":
      return remove(flags.stack);
    case "stack output":
      return print(read(flags.stack).outputs ?? {});
    case "cancel":
      rmSync(lockFolder(flags.stack), { recursive: true, force: true });
      return say(`The currently running update for '${nameOf(flags.stack)}' has been canceled!`);
    case "preview":
      return preview();
    case "up":
      return locked("up", up);
    case "destroy":
      return locked("destroy", destroy);
    default:
      throw new Refusal(`unknown command "${command}" for "pulumi"`);
  }
}

function init(stack) {
  const passphrase = process.env.PULUMI_CONFIG_PASSPHRASE;
  if (passphrase === undefined && !process.env.PULUMI_CONFIG_PASSPHRASE_FILE) {
    throw new Refusal(
      "could not create secrets manager for new stack: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    );
  }
  refuseLocked(stack, "could not create stack: ");
  if (existsSync(stateFile(stack))) throw new Refusal(`stack '${stack}' already exists`);
  write(stack, { resources: 0 });
  writeFileSync(configFile(stack), "encryptionsalt: v1:stand-in\n");
  say(`Created stack '${nameOf(stack)}'`);
}

function remove(stack) {
  if (read(stack).resources > 1) {
    throw new Refusal(`'${nameOf(stack)}' still has resources; removal rejected`);
  }
  rmSync(stateFile(stack));
  rmSync(configFile(stack), { force: true });
}

function refuseLocked(stack, before) {
  const folder = lockFolder(stack);
  const held = existsSync(folder) ? readdirSync(folder) : [];
  if (held.length > 0) {
    const lock = JSON.parse(readFileSync(join(folder, held[0]), "utf8"));
    throw new Refusal(
      `${before}the stack is currently locked by ${held.length} lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.\n  ${url}/${held[0]}: created by ${lock.username}@${lock.hostname} (pid ${lock.pid}) at ${lock.timestamp}`,
    );
  }
}

async function locked(command, work) {
  const stack = flags.stack;
  read(stack);
  refuseLocked(stack, "");
  const folder = lockFolder(stack);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${randomUUID()}.json`);
  const owner = { pid: process.pid, username: userInfo().username, hostname: hostname() };
  writeFileSync(file, JSON.stringify({ ...owner, timestamp: new Date().toISOString() }));
  process.on("SIGINT", () => {
    rmSync(file, { force: true });
    process.exit(255);
  });
  try {
    await fault(command);
    work();
  } finally {
    rmSync(file, { force: true });
  }
}

async function fault(command) {
  const text = await waitOrText(join(backend, `${command}.fault`));
  if (text === undefined) return;
  say(`Diagnostics:\n  pulumi:pulumi:Stack (${project}-${nameOf(flags.stack)}):`);
  say(`    error: ${text}\n`);
  throw new Refusal(`${command === "up" ? "update" : command} failed`);
}

async function anyFault() {
  const text = await waitOrText(join(backend, "any.fault"));
  if (text !== undefined) throw new Refusal(text);
}

/** What the file says; nothing when there is none, or when it said `wait` and is gone. */
async function waitOrText(file) {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  if (text !== "wait") return text;
  while (existsSync(file)) await sleep(20);
  return undefined;
}

function up() {
  const state = read(flags.stack);
  const config = saveConfig(configFile(flags.stack));
  const record = recordOf(config);
  const before = existsSync(record.file) ? readFileSync(record.file, "utf8") : undefined;
  mkdirSync(dirname(record.file), { recursive: true });
  writeFileSync(record.file, record.text);
  const made = state.resources === 0 ? 2 : before === record.text ? 0 : 1;
  write(flags.stack, { resources: 3, file: record.file, outputs: outputsOf(config, record) });
  say(`Updating (${nameOf(flags.stack)}):\n`);
  summarise(
    made === 2 ? ["+ 2 created"] : made === 1 ? ["~ 1 updated", "1 unchanged"] : ["2 unchanged"],
  );
}

function preview() {
  const state = read(flags.stack);
  const record = recordOf(saveConfig(flags["config-file"] ?? configFile(flags.stack)));
  const same = existsSync(record.file) && readFileSync(record.file, "utf8") === record.text;
  say(`Previewing update (${nameOf(flags.stack)}):\n`);
  const create = state.resources === 0;
  summarise(create ? ["+ 2 to create"] : same ? ["2 unchanged"] : ["~ 1 to update", "1 unchanged"]);
}

function destroy() {
  const state = read(flags.stack);
  if (state.file) rmSync(state.file, { force: true });
  write(flags.stack, { resources: 0 });
  say(`Destroying (${nameOf(flags.stack)}):\n`);
  if (state.resources > 0) summarise(["- 2 deleted"]);
}

/** What infra/index.js makes of its configuration. */
function recordOf({ stage, branchId, secretName, recordsFolder }) {
  return {
    file: join(resolve(recordsFolder ?? ".stages"), `${stage}.json`),
    text: `${JSON.stringify({ stage, branchId, secretName }, null, 2)}\n`,
  };
}

function outputsOf({ stage, secretName }, record) {
  return {
    recordFile: record.file,
    secretName,
    stack: nameOf(flags.stack),
    url: `https://${stage}.preview.example.com`,
  };
}

/** Flags are written into the stack's file, and what it held before stays. */
function saveConfig(file) {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const old = [...text.matchAll(/^ {2}\S+?:(\w+): (.*)$/gm)].map(([, key, value]) => [key, value]);
  const given = flags.config.map((pair) => {
    const [key, ...value] = pair.slice(project.length + 1).split("=");
    return [key, value.join("=")];
  });
  const config = Object.fromEntries([...old, ...given]);
  const lines = Object.entries(config).map(([key, value]) => `  ${project}:${key}: ${value}\n`);
  writeFileSync(file, `encryptionsalt: v1:stand-in\nconfig:\n${lines.join("")}`);
  return config;
}

function stacks() {
  const folder = join(backend, ".pulumi", "stacks");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((its) =>
    readdirSync(join(folder, its)).map((file) => {
      const name = `organization/${its}/${file.replace(/\.json$/, "")}`;
      const { lastUpdate, resources } = read(name);
      return { name, current: false, lastUpdate, resourceCount: resources };
    }),
  );
}

function read(stack) {
  if (!existsSync(stateFile(stack))) throw new Refusal(`no stack named '${stack}' found`, 6);
  return JSON.parse(readFileSync(stateFile(stack), "utf8"));
}

function write(stack, state) {
  const file = stateFile(stack);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify({ ...state, lastUpdate: new Date().toISOString() }));
  renameSync(`${file}.new`, file);
}

function nameOf(stack) {
  return stack.split("/").at(-1);
}
function stateFile(stack) {
  return join(
    backend,
    ".pulumi",
    "stacks",
    stack.split("/").at(-2) ?? project,
    `${nameOf(stack)}.json`,
  );
}
function configFile(stack) {
  return `Pulumi.${nameOf(stack)}.yaml`;
}
function lockFolder(stack) {
  return join(backend, ".pulumi", "locks", ...stack.split("/"));
}

function summarise(lines) {
  say(`Resources:\n${lines.map((line) => `    ${line}`).join("\n")}\n\nDuration: 1s\n`);
}
function say(text) {
  process.stdout.write(`${text}\n`);
}
function print(value) {
  say(JSON.stringify(value, null, 2));
}
function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
