import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../scripts/test-support/needs.ts";
import type { Checkout } from "../support/checkout.ts";
import { mark, marks } from "../support/marks.ts";
import { Sandbox } from "../support/sandbox.ts";
import { keys, pseudoTerminal, Terminal } from "../support/terminal.ts";

describeWith(pseudoTerminal, "in a terminal", () => {
  const sandbox = new Sandbox({ seeded: true });
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = sandbox.readyCheckout("checkout");
    await checkout.ds(["setup", "--developer", "one"]);
    await mark(checkout.url(), "mine");
  });

  afterAll(() => sandbox.close(checkout));

  const open = (command: string) => {
    const { NO_COLOR: _, CI: __, ...env } = sandbox.env;
    return new Terminal(command, { cwd: checkout.path, env });
  };

  test("reset asks, naming stage and branch; Enter alone means no", async () => {
    const terminal = open("./ds db reset");
    await terminal.shows(/one-local.*dev-one-local[\s\S]*Yes[\s\S]*No/);
    terminal.type(keys.enter);
    expect(await terminal.ended()).toBe(2);
    expect(terminal.text).toMatch(/nothing was changed/i);
    expect(await marks(checkout.url())).toEqual(["mine"]);
  });

  test("Ctrl-C at the question: 130, and it says that nothing was changed", async () => {
    const terminal = open("./ds db reset");
    await terminal.shows(/Yes[\s\S]*No/);
    terminal.type(keys.ctrlC);
    expect(await terminal.ended()).toBe(130);
    expect(terminal.text).toMatch(/nothing was changed/i);
    expect(await marks(checkout.url())).toEqual(["mine"]);
  });

  test("an answer of yes resets", async () => {
    const terminal = open("./ds db reset");
    await terminal.shows(/Yes[\s\S]*No/);
    terminal.type("y");
    expect(await terminal.ended()).toBe(0);
    expect(terminal.text).toContain("dev-one-local");
    expect(terminal.text).not.toMatch(/npg_\w+/);
    expect(await marks(checkout.url())).toEqual([]);
  });

  test("set-up asks whether a repository with another remote is still the same", async () => {
    const git = (...args: string[]) => checkout.exec("git", args);
    const remote = "https://github.com/acme/one";
    await git("remote", "add", "origin", remote);
    await checkout.ds(["db", "status"]);
    await git("remote", "set-url", "origin", `${remote}-renamed`);
    await checkout.ds(["db", "status"], 6);
    const no = open("./ds setup");
    await no.shows(/acme\/one-renamed[\s\S]*Yes[\s\S]*No/);
    no.type(keys.enter);
    expect(await no.ended()).toBe(2);
    await checkout.ds(["db", "status"], 6);
    const yes = open("./ds setup");
    await yes.shows(/Yes[\s\S]*No/);
    yes.type("y");
    expect(await yes.ended()).toBe(0);
    await checkout.ds(["db", "status"]);
  });

  test("a table with wide letters is straight", async () => {
    await checkout.ds(["db", "create", "日本"]);
    const { stdout } = await checkout.ds(["db", "branches"]);
    const [heading = ""] = /^BRANCH +/m.exec(stdout) ?? [];
    // Each of the two takes two columns.
    const [name = ""] = /^.. 日本 +/m.exec(stdout) ?? [];
    expect(name.length + 2).toBe(heading.length);
  });

  test("colours in a terminal, none with NO_COLOR, none in a pipe", async () => {
    const status = open("./ds db status");
    expect(await status.ended()).toBe(0);
    const plain = open("NO_COLOR=1 ./ds db status");
    expect(await plain.ended()).toBe(0);
    expect(plain.raw).not.toContain("\u001b[");
    expect((await checkout.ds(["db", "status"])).stdout).not.toContain("\u001b[");
  });
});
