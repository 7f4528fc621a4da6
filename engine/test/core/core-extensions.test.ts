import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { debOf, type Packed, tarGzOf, zipOf } from "../../../scripts/test-support/archives.ts";
import { cubeAs, scriptExtension } from "../../../scripts/test-support/stand-in-extension.ts";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import type { ExtensionAddition, ExtensionList } from "../../src/control-plane/extension-types.ts";
import { sql, type TestBranch, type TestProject } from "../support/branches.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";
import { withEngine } from "../support/with-engine.ts";

/** Extensions that are added to the engine's Postgres. */

const folder = new TemporaryFolder("ds-extensions-");
let engine: TestEngine;
let project: TestProject;

withEngine((fresh) => {
  ({ engine, project } = fresh);
});

beforeAll(() => {
  folder.make();
});
afterAll(() => folder.remove());

function written(name: string, content: Buffer | string): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

async function ask<Body>(path: string, body?: unknown): Promise<{ status: number; body: Body }> {
  const response = await fetch(new URL(`/engine/extensions${path}`, engine.url), {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${engine.apiKey}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

const add = (name: string, path: string) =>
  ask<ExtensionAddition & { code: string; message: string }>("/add", {
    name,
    path,
    from: "a test",
  });
const remove = (name: string) => ask<{ code?: string; message?: string }>("/remove", { name });
const list = async () => (await ask<ExtensionList>("")).body;
const kept = () => {
  const top = join(engine.home, "extensions", "18");
  return existsSync(top)
    ? readdirSync(top, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
    : [];
};

test("an extension with a module is added, created by an owner, and removed once no database has it", async () => {
  const name = "ds_life";
  const running = await project.branch("running");
  await sql(running.uri, "select 1");
  const files = cubeAs(name, engine.home);
  const target = `${name}--1.2--1.3.sql`;
  const link = { path: `pkg/share/extension/${name}--0.9--1.3.sql` };
  const zip = zipOf([...files, { ...link, content: target, mode: 0o120777 }]);
  const inTar = [...files, { ...link, content: "", type: "2", link: target }];
  const { status, body } = await add(name, written("life.whl", zip));
  expect(body).toMatchObject({ status: "added", extension: { name, major: 18, version: "1.5" } });
  expect(status).toBe(200);
  const waits = expect.objectContaining({ branchId: running.id, name: "running" });
  expect(body).toMatchObject({ waiting: expect.arrayContaining([waits]) });
  // The same files in other archives are the same extension.
  for (const [file, archive] of [
    ["life.tar.gz", tarGzOf(inTar)],
    ["life.deb", debOf(inTar)],
  ] as const) {
    expect((await add(name, written(file, archive))).body.status, file).toBe("present");
  }
  const create = `create extension ${name}`;
  await expect(sql(running.uri, create)).rejects.toMatchObject({ code: "0A000" });
  await ask("/restart", { branchId: running.id });
  await sql(running.uri, `${create}; create table t (c cube); insert into t values ('(1,2)')`);
  expect((await list()).waiting).not.toContainEqual(waits);

  const inUse = await remove(name);
  expect(inUse).toMatchObject({ status: 409, body: { code: "EXTENSION_IN_USE" } });
  expect(inUse.body.message).toContain("running of core (neondb)");
  await project.delete(running);
  expect((await remove(name)).status).toBe(200);
  expect(kept().filter((file) => file.includes(name))).toEqual([]);
  expect((await remove(name)).body.code).toBe("EXTENSION_NOT_FOUND");
});

describe("an extension that branches have", () => {
  const name = "ds_cube";
  let branch: TestBranch;

  beforeAll(async () => {
    await add(name, written("cube.whl", zipOf(cubeAs(name, engine.home))));
    await project.suspend(project.main);
    branch = await project.branch("with-cube");
    await sql(
      branch.uri,
      `create extension ${name}; create table t (id int primary key, c cube);
      insert into t values (1, '(1,2,3)'); create index on t using gist (c)`,
    );
  });

  const rows = (uri: string) => sql(uri, "select c::text from t where c <@ '(0,0,0),(9,9,9)'");

  test("forks, schema-only branches and restores have it, too", async () => {
    const fork = await project.branch("fork-of-cube", branch);
    expect(JSON.stringify(await rows(fork.uri))).toContain("(1, 2, 3)");
    const empty = await project.branch("empty-of-cube", branch, {
      branch: { init_source: "schema-only" },
    });
    await sql(empty.uri, "insert into t values (2, '(4,5,6)')");
    expect(JSON.stringify(await rows(empty.uri))).toContain("(4, 5, 6)");
    await sql(fork.uri, "delete from t");
    await project.restore(fork, branch);
    expect(JSON.stringify(await rows(fork.uri))).toContain("(1, 2, 3)");
    await project.delete(fork);
    await project.delete(empty);
  });

  test("outlives the engine, and the same files again are nothing new", async () => {
    await engine.stop();
    const before = await openTestEngine({ home: engine.home });
    engine = before;
    expect(JSON.stringify(await rows(branch.uri))).toContain("(1, 2, 3)");
    const again = await add(name, join(folder.path, "cube.whl"));
    expect(again.body).toMatchObject({ status: "present" });
  });

  test("other files of a version that databases can be updated to replace it; others are refused", async () => {
    const files = cubeAs(name, engine.home);
    const newer = files.map((file) =>
      file.path.endsWith(".control")
        ? { ...file, content: String(file.content).replace("'1.5'", "'1.6'") }
        : file,
    );
    const other = await add(name, written("newer.whl", zipOf(newer)));
    expect(other).toMatchObject({ status: 422, body: { code: "EXTENSION_UNUSABLE" } });
    const update: Packed = {
      path: `pkg/share/extension/${name}--1.5--1.6.sql`,
      content: "create function six() returns int language sql as 'select 6'",
    };
    const replaced = await add(name, written("newest.whl", zipOf([...newer, update])));
    expect(replaced.body).toMatchObject({ status: "replaced", extension: { version: "1.6" } });
    await ask("/restart", {});
    await sql(branch.uri, `alter extension ${name} update`);
    expect(JSON.stringify(await sql(branch.uri, "select six() as six"))).toContain("6");
  });
});

describe("what is refused leaves nothing behind", () => {
  const name = "ds_bad";
  const good = () => cubeAs(name, engine.home);
  const without = (pattern: RegExp) => good().filter(({ path }) => !pattern.test(path));
  const changed = (pattern: RegExp, change: Partial<Packed>) =>
    good().map((file) => (pattern.test(file.path) ? { ...file, ...change } : file));

  test.each<[string, string, () => Buffer]>([
    [
      "a path above the archive",
      "EXTENSION_SOURCE_UNSAFE",
      () => zipOf([...good(), { path: "../x", content: "" }]),
    ],
    [
      "a path above it, in a tar",
      "EXTENSION_SOURCE_UNSAFE",
      () => tarGzOf([...good(), { path: "a/../../x", content: "" }]),
    ],
    [
      "an absolute path",
      "EXTENSION_SOURCE_UNSAFE",
      () => zipOf([...good(), { path: "/etc/x", content: "" }]),
    ],
    [
      "a path of Windows",
      "EXTENSION_SOURCE_UNSAFE",
      () => zipOf([...good(), { path: "C:\\x", content: "" }]),
    ],
    [
      "two files of a path",
      "EXTENSION_SOURCE_UNSAFE",
      () => zipOf([...good(), ...good().slice(0, 1)]),
    ],
    [
      "a link as the module",
      "EXTENSION_SOURCE_UNSAFE",
      () => zipOf(changed(/\/lib\//, { content: "/etc/passwd", mode: 0o120777 })),
    ],
    [
      "a link as a script, in a tar",
      "EXTENSION_SOURCE_UNSAFE",
      () => tarGzOf(changed(/--1\.2\.sql/, { content: "", type: "2", link: "/etc/passwd" })),
    ],
    [
      "a link out of the folder as a script, in a zip",
      "EXTENSION_SOURCE_UNSAFE",
      () => zipOf(changed(/--1\.2\.sql/, { content: `../lib/${name}.so`, mode: 0o120777 })),
    ],
    [
      "a link to itself",
      "EXTENSION_SOURCE_UNSAFE",
      () => zipOf(changed(/--1\.2\.sql/, { content: `${name}--1.2.sql`, mode: 0o120777 })),
    ],
    ["no control file", "EXTENSION_NOT_IN_SOURCE", () => zipOf(without(/control/))],
    ["no module", "EXTENSION_NOT_IN_SOURCE", () => zipOf(without(/\/lib\//))],
    [
      "two of them",
      "EXTENSION_NOT_IN_SOURCE",
      () => zipOf([...good(), ...cubeAs(name, engine.home, "other")]),
    ],
    [
      "a module of another kind",
      "EXTENSION_UNUSABLE",
      () => zipOf(changed(/\/lib\//, { content: "#!/bin/sh\n" })),
    ],
    ["a script that fails", "EXTENSION_UNUSABLE", () => zipOf(scriptExtension(name, "select 1/0"))],
    [
      "one that needs what is not there",
      "EXTENSION_UNUSABLE",
      () => zipOf(scriptExtension(name, "select 1", "trusted = true\nrequires = 'ds_nowhere'")),
    ],
    [
      "one for superusers",
      "EXTENSION_NOT_TRUSTED",
      () => zipOf(scriptExtension(name, "select 1", "superuser = true")),
    ],
    [
      "one that is not said to be trusted",
      "EXTENSION_NOT_TRUSTED",
      () => zipOf(scriptExtension(name, "select 1", "# trusted = true")),
    ],
    ["what is no archive", "EXTENSION_SOURCE_UNREADABLE", () => Buffer.from("hello")],
    ["half an archive", "EXTENSION_SOURCE_UNREADABLE", () => zipOf(good()).subarray(0, 5000)],
    [
      "a damaged one",
      "EXTENSION_SOURCE_UNREADABLE",
      () => {
        const bytes = zipOf(good());
        bytes.fill(0x55, 200, 260);
        return bytes;
      },
    ],
    [
      "a tar that is damaged",
      "EXTENSION_SOURCE_UNREADABLE",
      () => {
        const bytes = tarGzOf(good());
        bytes.fill(0x55, 2000, 2100);
        return bytes;
      },
    ],
  ])("%s", async (_, code, archive) => {
    const before = kept();
    const { status, body } = await add(name, written("bad", archive()));
    expect([status, body.code], body.message).toEqual([422, code]);
    expect(kept()).toEqual(before);
  });

  test("a folder whose module is a link", async () => {
    const top = join(folder.path, "linked");
    for (const { path, content } of good()) {
      mkdirSync(join(top, path, ".."), { recursive: true });
      if (path.includes("/lib/")) {
        writeFileSync(join(folder.path, "real"), content);
        symlinkSync(join(folder.path, "real"), join(top, path));
      } else writeFileSync(join(top, path), content);
    }
    expect((await add(name, top)).body.code).toBe("EXTENSION_SOURCE_UNSAFE");
    expect((await add(name, join(folder.path, "nothing"))).body.code).toBe(
      "EXTENSION_SOURCE_UNREADABLE",
    );
  });

  test.each(["../x", "a/b", "", "A", "a--b", "-a", "x".repeat(64), 'a"b'])(
    "the name %j",
    async (bad) => {
      expect((await add(bad, folder.path)).body.code).toBe("BODY_INVALID");
    },
  );

  test("one that Postgres has is not added", async () => {
    const files = scriptExtension("hstore", "select 1");
    const { body } = await add("hstore", written("hstore.tar.gz", tarGzOf(files)));
    expect(body).toMatchObject({ status: "built-in", version: "1.8" });
    expect((await list()).extensions.map((each) => each.name)).not.toContain("hstore");
  });
});

test("a folder; two that are added at once; files that Postgres can read", async () => {
  const top = join(folder.path, "scripts");
  mkdirSync(top, { mode: 0o700 });
  for (const name of ["ds_one", "ds_two"]) {
    for (const { path, content } of scriptExtension(
      name,
      "create function f() returns int language sql as 'select 1'",
    )) {
      writeFileSync(join(top, path), content, { mode: 0o600 });
    }
  }
  const added = await Promise.all([add("ds_one", top), add("ds_two", top), add("ds_one", top)]);
  expect(added.map(({ body }) => body.status).sort()).toEqual(["added", "added", "present"]);
  const { extensions } = await list();
  const one = extensions.find(({ name }) => name === "ds_one");
  expect(one).toMatchObject({ version: "1.0", from: "a test" });
  const file = join(
    engine.home,
    "extensions",
    "18",
    "ds_one",
    one?.folder ?? "",
    "share/extension/ds_one--1.0.sql",
  );
  expect(statSync(file).mode & 0o777).toBe(0o644);
});

test("what no description names goes at the next start; a damaged description is told, and keeps its files", async () => {
  const top = join(engine.home, "extensions", "18");
  const one = (await list()).extensions.find(({ name }) => name === "ds_one");
  mkdirSync(join(top, "ds_one", "unfinished", "lib"), { recursive: true });
  mkdirSync(join(top, "ds_never", "unfinished"), { recursive: true });
  writeFileSync(join(top, "ds_two", "extension.json"), "{");
  const { home } = engine;
  await engine.stop();
  engine = await openTestEngine({ home });
  expect(readdirSync(join(top, "ds_one")).sort()).toEqual(["extension.json", one?.folder].sort());
  expect(existsSync(join(top, "ds_never"))).toBe(false);
  expect(readdirSync(join(top, "ds_two"))).toHaveLength(2);
  expect(await list()).toMatchObject({ damaged: ["ds_two"] });
  expect(readFileSync(join(top, "ds_two", "extension.json"), "utf8")).toBe("{");
});

test("clients may not say where Postgres looks for code", async () => {
  const { status } = await engine.send(
    "PATCH",
    `/projects/${project.id}/endpoints/${project.main.endpointId}`,
    {
      endpoint: { settings: { pg_settings: { dynamic_library_path: folder.path } } },
    },
  );
  expect(status).toBe(400);
  await expect(sql(project.main.uri, "set extension_control_path = '/tmp'")).rejects.toMatchObject({
    code: "42501",
  });
});
