import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { condition, describeWith, testWith, tool } from "../../../scripts/test-support/needs.ts";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import { runChild } from "../../src/lib/process/io/run-child.ts";
import { dsInProcess } from "../helpers/in-process.ts";

// The service manager is a stand-in that notes how it is called, and the person is nobody's root: nothing of this
// machine's own is touched.

const temporary = new TemporaryFolder("ds-service-");
const at = (name: string) => `${temporary.path}/${name}`;
const linux = condition("Linux", () => process.platform === "linux");

const run = async (...args: string[]) =>
  dsInProcess(
    {
      cwd: temporary.path,
      home: at("home"),
      env: {
        DS_HOME: at("home"),
        HOME: temporary.path,
        XDG_CONFIG_HOME: at("config"),
        PATH: `${at("bin")}:${process.env.PATH}`,
      },
    },
    ["engine", ...args],
  );
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);

beforeAll(() => {
  vi.spyOn(process, "getuid").mockReturnValue(1000);
  temporary.make();
  mkdirSync(at("bin"));
  writeFileSync(
    at("bin/systemctl"),
    `#!/bin/sh\necho "$*" >> "${at("calls")}"\n[ ! -e "${at("refuse")}" ] || { echo "no bus" >&2; exit 1; }\n`,
  );
  chmodSync(at("bin/systemctl"), 0o755);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await temporary.remove();
});

describeWith(linux, "a user of Linux", () => {
  test("--print shows the unit, and writes and asks nothing", async () => {
    const { status, stdout, stderr } = await run("install-service", "--print");
    expect(status).toBe(0);
    expect(stderr).toContain("to be written to");
    expect(stdout).toContain(`"serve" "--home" "${at("home")}"`);
    expect(existsSync(at("config"))).toBe(false);
    expect(existsSync(at("calls"))).toBe(false);
  });

  test("installed, installed again, refused, removed, and nothing left to remove", async () => {
    const first = await json("install-service");
    expect(first).toMatchObject({ installed: true, changed: true, runsAlready: false });
    expect(readFileSync(at("calls"), "utf8")).toBe(
      `--user daemon-reload\n--user enable --now ${first.name}\n`,
    );
    expect(await json("install-service")).toMatchObject({ changed: false });

    writeFileSync(at("refuse"), "");
    expect((await json("install-service")).error).toMatchObject({
      code: "UPSTREAM",
      reason: "SERVICE_REFUSED",
    });
    rmSync(at("refuse"));

    expect(await json("uninstall-service")).toMatchObject({ removed: true });
    expect(existsSync(first.file)).toBe(false);
    expect(await json("uninstall-service")).toMatchObject({ removed: false });
  });

  test("a unit of somebody else's is left as it is", async () => {
    const { file } = await json("install-service", "--print");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "[Service]\nExecStart=/bin/true\n");
    for (const command of ["install-service", "uninstall-service"]) {
      expect((await json(command)).error).toMatchObject({
        code: "CONFLICT",
        reason: "SERVICE_FOREIGN",
      });
    }
    expect(readFileSync(file, "utf8")).toBe("[Service]\nExecStart=/bin/true\n");
    rmSync(file);
  });

  testWith(
    tool("systemd-analyze"),
    "systemd finds nothing wrong with the unit",
    async (program) => {
      const { text } = await json("install-service", "--print");
      writeFileSync(at("ds-engine.service"), text);
      const args = ["verify", at("ds-engine.service")];
      const { status, stderr } = await runChild({ program, args, env: process.env });
      expect({ status, said: String(stderr) }).toEqual({ status: 0, said: "" });
    },
  );
});
