/**
 * Runs schemathesis (from PyPI) on the routes of the first tier: requests at random, made from the
 * official description of the API. Needs the built engine and Python >= 3.10; without the latter, or
 * without PyPI, it says so and ends with 0.
 *
 *     npm run schemathesis -- [seconds]        default: 120
 *     SCHEMATHESIS=/path/to/schemathesis       to use one that is installed already
 *
 * Checks that are left out, with the reasons:
 * - positive_data_acceptance: what is right by its form is often refused for the state of things (a
 *   name that is taken, a branch that is protected), and descriptions tell some forms in words only
 *   (positions in the log, identifiers of Postgres, expiry within 30 days);
 * - negative_data_rejection: null counts as absent, as in Neon's API, and the check calls it wrong.
 *   generated-contract.test.ts sends wrong values one by one and wants each refused;
 * - unsupported_method: beside /branches/count there is /branches/{branch_id}, and "count" has the form
 *   of an id, so that PATCH of it asks for that branch; likewise /projects/shared.
 *   contract-refusals.test.ts asks for 405 elsewhere.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";

const version = "4.32.5";
const seconds = Number(process.argv[2] ?? 120);
const checks = ["positive_data_acceptance", "negative_data_rejection", "unsupported_method"];

const firstTier =
  /^\/(users\/me(\/organizations)?|auth|regions|api_keys(\/\{\w+\})?|organizations\/\{\w+\}(\/members|\/vpc\/vpc_endpoints)?|consumption_history(\/v2)?\/(projects|branches)|projects(\/shared)?|projects\/\{project_id\}(\/(advisors|available_preload_libraries|jwks|vpc_endpoints|permissions(\/\{\w+\})?|connection_uri|branch_anonymized|operations(\/\{\w+\})?|endpoints(\/\{\w+\}(\/(start|suspend|restart))?)?|branches(\/count)?|branches\/\{branch_id\}(\/(restore|set_as_default|schema|compare_schema|endpoints|masking_rules|anonymize|anonymized_status|(databases|roles)(\/\{\w+\}(\/(reveal|reset)_password)?)?))?))?)$/;

const engineFile = fileURLToPath(new URL("../../../cli/dist/engine.js", import.meta.url));
// In memory where there is some: many branches are made, and none has to survive.
const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const folder = mkdtempSync(join(parent, "ds-schemathesis-"));

// An engine of root's runs Postgres under another uid, which has to pass.
chmodSync(folder, 0o711);
try {
  process.exitCode = await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  if (!existsSync(engineFile)) {
    console.error("The engine is not built: run `npm run build` at the root first.");
    return 2;
  }
  const program = process.env.SCHEMATHESIS ?? install();
  if (program === undefined) return 0;
  const engine = await startEngine();
  try {
    return await run(program, engine);
  } finally {
    engine.child.kill("SIGTERM");
    await once(engine.child, "exit");
  }
}

/** Path of the program, or undefined when it cannot be had here. */
function install() {
  const venv = join(folder, "venv");
  try {
    execFileSync("python3", ["-m", "venv", venv], { stdio: "pipe" });
    const pip = join(venv, "bin", "pip");
    execFileSync(pip, ["install", "--quiet", `schemathesis==${version}`], { stdio: "pipe" });
  } catch (error) {
    const { stderr, message } = /** @type {Error & { stderr?: Buffer }} */ (error);
    const reason = String(stderr?.length ? stderr : message)
      .trim()
      .split("\n")
      .at(-1);
    console.log(`SKIPPED: schemathesis ${version} cannot be installed here (${reason})`);
    return undefined;
  }
  return join(venv, "bin", "schemathesis");
}

async function startEngine() {
  const home = join(folder, "home");
  const child = spawn(process.execPath, [engineFile, "serve", "--home", home], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  /** @type {string[]} */
  const log = [];
  child.stderr?.on("data", (chunk) => log.push(String(chunk)));
  const [message] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => [{ message: "the engine ended at once" }]),
  ]);
  if (message.type !== "ready") throw new Error(message.message);
  const apiKey = readFileSync(join(home, "api-key"), "utf8").trim();
  return { child, url: message.url, apiKey, log };
}

/** @typedef {Awaited<ReturnType<typeof startEngine>>} Engine */

/**
 * @param {string} program
 * @param {Engine} engine
 */
async function run(program, engine) {
  const description = await describe(engine);
  const file = join(folder, "openapi.yaml");
  writeFileSync(file, stringify(description, { aliasDuplicateObjects: false }));
  // The key stays out of the command line, which every user of the machine can read.
  const config = join(folder, "schemathesis.toml");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: schemathesis puts the variable there
  writeFileSync(config, '[headers]\nAuthorization = "Bearer ${DS_TEST_API_KEY}"\n', {
    mode: 0o600,
  });
  const options = [
    ...["--config-file", config, "run", file, "--url", engine.url],
    ...["--max-time", String(seconds), "--seed", "1", "--request-timeout", "60"],
    ...["--checks", "all", "--exclude-checks", checks.join(",")],
    ...["--phases", "coverage,fuzzing", "--no-shrink"],
    ...["--suppress-health-check", "all", "--continue-on-failure"],
  ];
  const child = spawn(program, options, {
    stdio: ["ignore", "inherit", "inherit"],
    cwd: folder,
    env: { ...process.env, DS_TEST_API_KEY: engine.apiKey },
  });
  const [code] = await once(child, "exit");
  const failures = engine.log
    .join("")
    .split("\n")
    .filter((/** @type {string} */ line) => / failed \(request /.test(line));
  for (const line of failures) console.log(`in the engine's log: ${line}`);
  return code === 0 && failures.length === 0 ? 0 : 1;
}

/**
 * The official description of the first tier, with ids that exist where it only says "an id".
 *
 * @param {Engine} engine
 */
async function describe({ url, apiKey }) {
  /** @returns {Promise<any>} */
  const call = async (
    /** @type {string} */ method,
    /** @type {string} */ path,
    /** @type {object | undefined} */ body,
  ) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  };
  const made = await call("POST", "/projects", { project: { history_retention_seconds: 0 } });
  const spare = await call("POST", "/projects", { project: { history_retention_seconds: 0 } });
  const child = await call("POST", `/projects/${made.project.id}/branches`, {
    endpoints: [{ type: "read_write" }],
  });
  /** @type {Record<string, string[] | undefined>} */
  const ids = {
    project_id: [made.project.id],
    branch_id: [made.branch.id, child.branch.id],
    endpoint_id: [...made.endpoints, ...child.endpoints].map(
      (/** @type {{ id: string }} */ { id }) => id,
    ),
    operation_id: made.operations.map((/** @type {{ id: string }} */ { id }) => id),
    role_name: ["neondb_owner"],
    database_name: ["neondb"],
    org_id: ["org-local"],
  };
  const official = join(
    dirname(createRequire(import.meta.url).resolve("@neondatabase/api-client/package.json")),
    "public-v2-for-users.gen.yaml",
  );
  const description = parse(readFileSync(official, "utf8"));
  const paths = /** @type {[string, any][]} */ (Object.entries(description.paths)).filter(
    ([path]) => firstTier.test(path),
  );
  for (const [path, item] of paths) {
    const lists = [item, ...Object.values(item)].filter((holder) =>
      Array.isArray(holder?.parameters),
    );
    for (const holder of lists) {
      holder.parameters = holder.parameters.map((/** @type {any} */ parameter) => {
        const { name, in: where } = parameter;
        if (where !== "path" || !ids[name]) return parameter;
        return { ...parameter, schema: { type: "string", enum: ids[name] } };
      });
    }
    // The project that all other requests are about has to stay.
    if (path === "/projects/{project_id}") {
      const [first, ...others] = [...(item.parameters ?? []), ...(item.delete.parameters ?? [])];
      delete item.parameters;
      const one = (/** @type {string} */ id) => ({
        ...first,
        schema: { type: "string", enum: [id] },
      });
      for (const verb of ["get", "patch"]) item[verb].parameters = [one(made.project.id)];
      item.delete.parameters = [one(spare.project.id), ...others];
    }
  }
  return { ...description, servers: [{ url }], paths: Object.fromEntries(paths) };
}
