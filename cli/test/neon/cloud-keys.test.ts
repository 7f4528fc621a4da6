import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import { parseEnv } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { DsProject } from "../helpers/ds-project.ts";
import { CloudStandIn } from "../stand-ins/cloud/cloud.ts";
import { Developer } from "../stand-ins/cloud/developer.ts";
import { EngineBehind } from "../stand-ins/cloud/engine-behind.ts";

// What Neon's cloud has and the engine has not: keys and organizations, protected branches with roles of their own, and
// the proxy in front of Postgres.

const calm = { limited: 0, failing: 0, cut: 0, lost: 0, busy: 0 };
const project = new DsProject(`{ project: "engine" }`);
const acme = { id: "org-cool-moon-12345678", name: "Acme" };
const other = { id: "org-dry-sun-87654321", name: "Other" };
let engine: EngineBehind;
let cloud: CloudStandIn;
let developer: Developer;

beforeAll(async () => {
  const { status, stdout, stderr } = await project.run(["engine", "env"]);
  expect(status, stderr).toBe(0);
  const { NEON_API_HOST = "", NEON_API_KEY = "" } = parseEnv(stdout.replaceAll("export ", ""));
  engine = new EngineBehind(NEON_API_HOST, NEON_API_KEY);
  await engine.call("POST", "/projects", { project: { name: "there" } });
});
afterAll(() => project.remove());
beforeEach(async () => {
  cloud = await CloudStandIn.start({ engine, seed: 1, rates: calm, operationMs: [1, 2] });
  developer = new Developer(cloud);
  developer.make(`{ project: "there", migrations: false }`);
});
afterEach(async () => {
  await cloud.stop();
  await developer.remove();
});

const there = async () => (await engine.projects("there"))[0]?.id ?? "";
const listed = () => cloud.asked.filter((request) => request === "GET /projects");

describe("a person's key", () => {
  test("of one organization: it is taken", async () => {
    const doctor = await developer.ds(["doctor"]);
    expect(JSON.stringify(doctor.document)).toContain(`organization Acme (${acme.id})`);
    // It is there, but nothing shows that it is this repository's.
    expect(await developer.ds(["setup", "--developer", "pat"])).toMatchObject({
      status: 6,
      document: { error: { reason: "PROJECT_NOT_BOUND" } },
    });
  });

  test("of several: nobody can be asked, so it has to be said", async () => {
    cloud.organizations = [acme, other];
    expect(await developer.ds(["setup", "--developer", "pat"])).toMatchObject({
      status: 3,
      document: { error: { reason: "ORGANIZATION_UNCLEAR", organizations: [acme, other] } },
    });
    expect(listed()).toEqual([]);
    developer.env = { NEON_ORG_ID: acme.id };
    const said = { status: 6, document: { error: { reason: "PROJECT_NOT_BOUND" } } };
    expect(await developer.ds(["setup", "--developer", "pat"])).toMatchObject(said);
    developer.env = {};
    developer.configure(`{ project: "there", migrations: false, org: "${acme.id}" }`);
    expect(await developer.ds(["setup", "--developer", "pat"])).toMatchObject(said);
    developer.configure(`{ project: "there", migrations: false, org: "Acme, Inc." }`);
    expect(await developer.ds(["setup", "--developer", "pat"])).toMatchObject({ status: 3 });
  });

  test("of one that it does not belong to", async () => {
    developer.env = { NEON_ORG_ID: "org-somebody-else-1" };
    expect(await developer.ds(["setup", "--developer", "pat"])).toMatchObject({
      status: 3,
      document: { error: { reason: "API_KEY_FORBIDDEN" } },
    });
    developer.env = { NEON_ORG_ID: "Acme, Inc." };
    expect(await developer.ds(["setup", "--developer", "pat"])).toMatchObject({
      status: 3,
      document: { error: { reason: "ORGANIZATION_INVALID" } },
    });
  });

  test("of several, and the project's id is given: nothing has to be listed", async () => {
    cloud.organizations = [acme, other];
    const setup = await developer.ds(["setup", "--developer", "pat", "--project", await there()]);
    expect(setup.status, setup.stderr).toBe(0);
    expect((await developer.ds(["db", "status"])).status).toBe(0);
    expect(listed()).toEqual([]);
  });
});

test.each(["organization", "project"] as const)(
  "the key of an %s works with an id",
  async (kind) => {
    developer.key = kind;
    cloud.ownProject = await there();
    developer.configure(`{ project: "${cloud.ownProject}", migrations: false }`);
    for (const args of [
      ["setup", "--developer", kind],
      ["db", "status"],
      ["db", "create", `of-${kind}`],
      ["db", "delete", `of-${kind}`, "--yes"],
      ["doctor"],
    ]) {
      const { status, stderr } = await developer.ds(args);
      expect(status, stderr).toBe(0);
    }
  },
);

test("the key of a project can neither list nor make any, and is told so", async () => {
  developer.key = "project";
  cloud.ownProject = await there();
  developer.configure(`{ project: "elsewhere", migrations: false }`);
  expect(await developer.ds(["setup", "--developer", "pat"])).toMatchObject({
    status: 3,
    document: {
      error: { reason: "API_KEY_FORBIDDEN", hint: expect.stringContaining("NEON_PROJECT_ID") },
    },
  });
});

test("a branch of a protected one has passwords of its own, and an archived one is said to be", async () => {
  const id = await there();
  const path = `/projects/${id}`;
  const [main] = await engine.branches(id);
  await engine.call("PATCH", `${path}/branches/${main?.id}`, { branch: { protected: true } });
  cloud.branches.set("dev-kim-local", { current_state: "archived" });
  try {
    const setup = await developer.ds(["setup", "--developer", "kim", "--project", id]);
    expect(setup.status, setup.stderr).toBe(0);
    const status = await developer.ds(["db", "status", "--wake"]);
    expect(status.stderr).toContain("dev-kim-local is archived");
    const url = developer.variable("DATABASE_URL_UNPOOLED");
    expect(url).not.toBe(await engine.connectionUrl(id, main?.id ?? ""));
    await (await connectPostgres(url, { what: "the test" })).end();
    // Its password stays: so the sentence that the connection string does is true.
    const reset = await developer.ds(["db", "reset", "--yes"]);
    expect(reset.status, reset.stderr).toBe(0);
    await (await connectPostgres(url, { what: "the test" })).end();
    await developer.ds(["db", "delete", "dev-kim-local", "--yes"]);
  } finally {
    await engine.call("PATCH", `${path}/branches/${main?.id}`, { branch: { protected: false } });
  }
});

describe("the proxy in front of Postgres", () => {
  let refusals: string[];
  let server: ReturnType<typeof createServer>;
  let sockets: Socket[];
  let url: string;

  beforeEach(async () => {
    const id = await there();
    const [main] = await engine.branches(id);
    const target = new URL(await engine.connectionUrl(id, main?.id ?? ""));
    const { port } = target;
    sockets = [];
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      const refusal = refusals.shift();
      if (refusal === undefined) {
        const onwards = connect(Number(port), "127.0.0.1");
        onwards.on("error", () => socket.destroy());
        sockets.push(onwards);
        socket.pipe(onwards).pipe(socket);
        return;
      }
      socket.once("data", () => socket.end(errorResponse(refusal)));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    target.port = String((server.address() as AddressInfo).port);
    url = target.href;
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });

  test("a compute that cannot be started right now is waited for", async () => {
    refusals = ["Control plane request failed", "Couldn't connect to compute node"];
    await (await connectPostgres(url, { what: "the branch" })).end();
    expect(refusals).toEqual([]);
  });

  test.each([
    ["This IP address 192.0.2.7 is not allowed to connect to this endpoint.", /IP Allow/],
    ["Your account or project has exceeded the compute time quota.", /limit of compute time/],
  ])("%s", async (refusal, message) => {
    refusals = [refusal];
    await expect(connectPostgres(url, { what: "the branch" })).rejects.toMatchObject({
      code: "UPSTREAM",
      message: expect.stringMatching(message),
      hint: expect.stringContaining("Neon's console"),
    });
  });
});

/** As the proxy answers: an error that is Postgres' internal one. */
function errorResponse(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0CXX000\0M${message}\0\0`);
  const head = Buffer.alloc(5, "E");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
