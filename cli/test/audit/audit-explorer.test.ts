import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../../scripts/test-support/needs.ts";
import { until } from "../../../scripts/test-support/until.ts";
import { AuditProject } from "../helpers/audit-project.ts";
import { Tmux, tmux } from "../helpers/tmux.ts";

// The explorer in a real terminal: keys are sent, the screen is read.

let shop: AuditProject;
const main = join(import.meta.dirname, "../../bin/ds.js");
let terminal: Tmux | undefined;

interface Options {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
  /** Written before the command: tmux gives its own TERM to whatever it starts. */
  before?: string;
}

/** What stood on the terminal before, the explorer, and how it left the terminal. */
function open({ columns = 80, rows = 24, env = {}, before = "" }: Options = {}): Tmux {
  const command = `echo before; ${before} ${process.execPath} ${main} db audit; echo "status $?"; stty -a; cat`;
  const all = { ...shop.env, HOME: shop.project.folder, DS_HOME: shop.project.home, ...env };
  terminal = new Tmux(command, { cwd: shop.project.path, env: all, columns, rows });
  return terminal;
}

/** The terminal is as it was: its own screen, a cursor, and the driver in charge of lines. */
async function leftClean(screen: Tmux, status: number): Promise<string> {
  const text = await screen.shows(/status \d+[\s\S]*icanon/);
  expect(text).toMatch(/^before$/m);
  expect(text).toMatch(new RegExp(`^status ${status}$`, "m"));
  expect(text).toMatch(/\sicanon/);
  expect(text).toMatch(/\secho\s/);
  expect([screen.flag("alternate_on"), screen.flag("cursor_flag")]).toEqual(["0", "1"]);
  return text;
}

/** All sources have answered. */
const ready =
  /rows[\s\S]*(✓|ok) branches +(✓|ok) stacks +(✓|ok) secrets +(✓|ok) git branches +(–|--) pull/;

const lineOf = (screen: string, name: string) =>
  screen.split("\n").find((line) => line.includes(`${name} `)) ?? "";

describeWith(tmux, "the explorer in a terminal", () => {
  beforeAll(async () => {
    shop = new AuditProject();
    await shop.start();
    await Promise.all([
      shop.branch("dev-phil-old", { secret: true }),
      shop.branch("dev-phil-kept", { protected: true }),
      shop.branch("dev-phil-bare", { gitBranch: true }),
    ]);
  });

  afterEach(() => {
    terminal?.close();
    terminal = undefined;
    shop.pulumi.set(undefined);
    shop.patience();
    shop.api.before = async () => {};
    Object.assign(shop.api, { extra: [], hidesReal: false, failing: undefined });
  });

  afterAll(() => shop?.remove());

  test("80x24, five branches: verdicts, details, help, why not, and Enter at once deletes nothing", async () => {
    const screen = open();
    const text = await screen.shows(ready);
    expect(text.split("\n").every((line) => [...line].length < 80)).toBe(true);
    expect(lineOf(text, "dev-phil-old")).toMatch(/❯.*gone.*stale/);
    expect(lineOf(text, "dev-phil-bare")).toMatch(/orphan\?/);
    expect(lineOf(text, "dev-phil-kept")).toMatch(/kept/);
    expect(text).toMatch(/dev-phil-old: its stack organization\/shop\/phil-old is gone/);

    screen.type("d");
    expect(await screen.shows(/Delete dev-phil-old\?/)).toMatch(
      /secret +\/ds\/shop\/phil-old\/database[\s\S]*branch +dev-phil-old[\s\S]*\[ Cancel \]/,
    );
    screen.type("Enter");
    await screen.shows(/nothing was deleted/);
    screen.type("/", "k", "e", "p", "t", "Enter", "d");
    await screen.shows(/dev-phil-kept stays: it is protected/);
    screen.type("Enter");
    await screen.shows(/Kept because +• it is protected/);
    screen.type("q");
    await screen.shows(/filter: kept/);
    screen.type("Escape");
    await screen.shows(/4\/5/);
    screen.type("?");
    await screen.shows(/Keys and verdicts/);
    screen.type("x", "q");
    await leftClean(screen, 0);
    expect(await shop.names()).toContain("dev-phil-old");
  });

  test("what is uncertain has to be typed; what is confirmed goes, with its secret, and from the list", async () => {
    const screen = open({ columns: 200, rows: 50 });
    await screen.shows(ready);
    screen.type("j", "d");
    await screen.shows(/type its name: dev-phil-bare/);
    screen.type("Tab", "Enter");
    await screen.shows(/type its name: dev-phil-bare/);
    screen.type("Escape");
    await screen.shows(/nothing was deleted/);
    screen.type("k", "d", "y", "Enter");
    await screen.shows(/4 rows[\s\S]*deleted dev-phil-old, with its secret/);
    expect(await shop.names()).not.toContain("dev-phil-old");
    expect(await shop.secretStages()).not.toContain("phil-old");
    screen.type("q");
    expect(await leftClean(screen, 0)).toMatch(/deleted dev-phil-old/);
  });

  test("500 branches, resized at will", async () => {
    shop.api.extra = Array.from({ length: 500 }, (_, n) => shop.listedOnly(`dev-anna-${n}`));
    const screen = open({ columns: 200, rows: 50 });
    await screen.shows(ready);
    screen.type("G");
    await screen.shows(/504\/504/);
    screen.resize(80, 24);
    const text = await screen.shows(/^ ds audit shop[\s\S]*504\/504[\s\S]*quit/);
    expect(text.split("\n").filter((line) => line.includes("❯"))).toHaveLength(1);
    screen.type("/", "a", "n", "n", "a", "-", "4", "9", "9");
    await screen.shows(/1 of 504 rows/);
    screen.resize(30, 6);
    await screen.shows(/ds audit needs 40x12/);
    screen.resize(120, 30);
    await screen.shows(/1 of 504 rows[\s\S]*dev-anna-499/);
    screen.type("C-c");
    expect(await leftClean(screen, 130)).toMatch(/Interrupted; nothing was changed\./);
  });

  test("no rows at all; sources that are slow, and that fail", async () => {
    shop.api.hidesReal = true;
    shop.pulumi.set("hang");
    shop.patience("3s");
    const screen = open();
    await screen.shows(/✓ branches +… stacks[\s\S]*there is nothing here/);
    await screen.shows(/✗ stacks: no answer within 3s/);
    shop.api.hidesReal = false;
    shop.pulumi.set("passphrase");
    screen.type("R");
    const text = await screen.shows(/✗ stacks: listing stacks[\s\S]*dev-phil-bare/);
    expect(lineOf(text, "dev-phil-bare")).toMatch(/unknown/);
    screen.type("d");
    await screen.shows(/dev-phil-bare stays: not all is known about it/);
    shop.api.failing = /branches/;
    screen.type("R");
    await screen.shows(/✗ branches: .*out of order/);
    screen.type("q");
    await leftClean(screen, 0);
  });

  test("R while everything is being read: it is read once more", async () => {
    shop.patience("3s");
    const screen = open();
    await screen.shows(ready);
    shop.pulumi.set("hang");
    const listsRead = () =>
      shop.api.answered.filter((asked) => /branches(\?|$)/.test(asked)).length;
    const before = listsRead();
    screen.type("R");
    await screen.shows(/reading everything again/);
    // The branches are read by now, and the stacks are not.
    await until("the branches", () => listsRead() > before);
    shop.api.failing = /branches/;
    screen.type("R");
    await screen.shows(/✗ branches: .*out of order/);
    screen.type("q");
    await leftClean(screen, 0);
  });

  test("Ctrl-C while nothing has answered yet, and at the question", async () => {
    shop.api.before = () => new Promise(() => {});
    const early = open();
    await early.shows(/… branches/);
    early.type("C-c");
    await leftClean(early, 130);
    early.close();
    shop.api.before = async () => {};
    const late = open();
    await late.shows(ready);
    late.type("d");
    await late.shows(/type its name/);
    late.type("C-c");
    await leftClean(late, 130);
    expect(await shop.names()).toContain("dev-phil-bare");
  });

  test("Ctrl-C while something is deleted: that is finished, and told", async () => {
    await shop.branch("dev-phil-slow");
    const screen = open();
    await screen.shows(ready);
    let isInterrupted = false;
    shop.api.before = async (request) => {
      if (request.startsWith("DELETE")) await until("Ctrl-C", () => isInterrupted);
    };
    screen.type("d", "y", "Enter");
    await screen.shows(/dev-phil-slow: deleting the branch dev-phil-slow/);
    screen.type("C-c");
    await until("the screen before", () => screen.flag("alternate_on") === "0");
    isInterrupted = true;
    expect(await leftClean(screen, 130)).toMatch(/Interrupted; .*dev-phil-slow.* deleted/);
    expect(await shop.names()).not.toContain("dev-phil-slow");
  });

  test("without colours and without Unicode; where no screen can be drawn, a table", async () => {
    const plain = open({ env: { NO_COLOR: "1", LANG: "C", LC_ALL: "C" } });
    await plain.shows(ready);
    expect(plain.screen()).toMatch(/^> .*dev-phil-bare/m);
    const { text, colours } = { text: plain.screen(), colours: plain.coloured() };
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(colours).not.toContain("\u001b");
    plain.type("q");
    await leftClean(plain, 0);
    plain.close();
    const dumb = open({ columns: 200, before: "TERM=dumb" });
    const table = await leftClean(dumb, 0);
    expect(table).toMatch(/^BRANCH +OWNER/m);
    dumb.close();
  });
});
