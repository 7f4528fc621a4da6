import type { Caller, TestBranch, TestProject } from "./branches.ts";
import { sql, uriWith } from "./branches.ts";
import type { Dice } from "./dice.ts";
import { operationsOver } from "./operations.ts";

/** What one tenant's branches hold: the marks of each, by the branch's name. */
type Picture = Record<string, string>;

interface Known extends TestBranch {
  marks: string[];
}

/**
 * Somebody who creates, restores, renames and deletes branches of their own, and remembers what was
 * acknowledged. When the engine is killed, one piece of work may be under way: what is found then has
 * to be the picture before it or the picture after it.
 */
export class Tenant {
  readonly #engine: () => Caller & { send(m: string, p: string, b?: unknown): Promise<Response> };
  readonly #project: () => TestProject;
  readonly #prefix: string;
  readonly #dice: Dice;
  #branches: Known[] = [];
  #counter = 0;
  #underWay: { what: string; before: Picture; after: Picture } | undefined;
  readonly done: Record<string, number> = {};

  constructor(
    prefix: string,
    dice: Dice,
    engine: () => Caller & { send(m: string, p: string, b?: unknown): Promise<Response> },
    project: () => TestProject,
  ) {
    this.#prefix = prefix;
    this.#dice = dice;
    this.#engine = engine;
    this.#project = project;
  }

  /** One piece of work after the other until the engine is killed; only then may one fail. */
  async work(isKilled: () => boolean): Promise<void> {
    try {
      while (!isKilled()) await this.#step();
    } catch (error) {
      if (!isKilled()) throw error;
    }
  }

  async #step(): Promise<void> {
    const branch = this.#branches.length > 0 ? this.#dice.pick(this.#branches) : undefined;
    const isMany = this.#branches.length > 4;
    const turn = branch ? this.#dice.below(10) : 0;
    if (!branch || (turn < 3 && !isMany))
      return this.#create(this.#dice.below(3) ? undefined : branch);
    if (turn < 4) return this.#mark(branch);
    if (turn < 5) return this.#restore(branch, undefined);
    if (turn < 6) return this.#restore(branch, this.#name());
    if (turn < 8) return this.#delete(branch);
    if (turn < 9) return this.#rename(branch);
    return this.#addRoleAndDatabase(branch);
  }

  #name(): string {
    this.#counter += 1;
    return `${this.#prefix}${this.#counter}`;
  }

  get #picture(): Picture {
    return Object.fromEntries(this.#branches.map(({ name, marks }) => [name, marks.join(" ")]));
  }

  /** Notes what the work may lead to, does it, and on success takes the result over. */
  async #do(what: string, after: Picture, work: () => Promise<boolean>): Promise<boolean> {
    this.#underWay = { what, before: this.#picture, after };
    const isDone = await work();
    this.#underWay = undefined;
    const outcome = isDone ? what : `${what} refused`;
    this.done[outcome] = (this.done[outcome] ?? 0) + 1;
    return isDone;
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#engine().send(
      method,
      `/projects/${this.#project().id}${path}`,
      body,
    );
    const text = await response.text();
    if (response.ok) return text === "" ? {} : JSON.parse(text);
    if ([409, 422, 423].includes(response.status)) return undefined;
    throw new Error(`${method} ${path}: ${response.status} ${text}`);
  }

  /** Whether what the answer has begun went well. */
  async #isDone(answer: unknown): Promise<boolean> {
    const { operations } = answer as { operations: { id: string; project_id: string }[] };
    const over = await operationsOver(this.#engine(), operations);
    return over.every(({ status }) => status === "finished");
  }

  async #create(from: Known | undefined): Promise<void> {
    const name = this.#name();
    const marks = from?.marks ?? ["main"];
    await this.#do("create", { ...this.#picture, [name]: marks.join(" ") }, async () => {
      const answer = (await this.#ask("POST", "/branches", {
        branch: { name, ...(from && { parent_id: from.id }) },
        endpoints: [{ type: "read_write" }],
      })) as { branch: { id: string }; endpoints: { id: string }[] } | undefined;
      if (!answer || !(await this.#isDone(answer))) return false;
      const endpointId = answer.endpoints[0]?.id ?? "";
      const branch: Known = { id: answer.branch.id, name, endpointId, uri: "", marks: [...marks] };
      branch.uri = await this.#project().uriOf(branch);
      this.#branches.push(branch);
      return true;
    });
  }

  async #mark(branch: Known): Promise<void> {
    const mark = `m${this.#dice.below(1_000_000)}`;
    const marks = [...branch.marks, mark].sort();
    await this.#do("write", { ...this.#picture, [branch.name]: marks.join(" ") }, async () => {
      await sql(branch.uri, "insert into marks values ($1)", [mark]);
      branch.marks = marks;
      return true;
    });
  }

  async #restore(branch: Known, preserve: string | undefined): Promise<void> {
    const after = { ...this.#picture, [branch.name]: "main" };
    if (preserve) after[preserve] = branch.marks.join(" ");
    await this.#do(preserve ? "restore keeping" : "restore", after, async () => {
      const answer = await this.#ask("POST", `/branches/${branch.id}/restore`, {
        source_branch_id: this.#project().main.id,
        ...(preserve && { preserve_under_name: preserve }),
      });
      if (!answer || !(await this.#isDone(answer))) return false;
      if (preserve) await this.#adopt(preserve, branch.marks);
      branch.marks = ["main"];
      return true;
    });
  }

  async #delete(branch: Known): Promise<void> {
    const { [branch.name]: _, ...after } = this.#picture;
    await this.#do("delete", after, async () => {
      if (!(await this.#ask("DELETE", `/branches/${branch.id}`))) return false;
      this.#branches = this.#branches.filter((other) => other !== branch);
      return true;
    });
  }

  async #rename(branch: Known): Promise<void> {
    const name = this.#name();
    const { [branch.name]: marks = "", ...others } = this.#picture;
    await this.#do("rename", { ...others, [name]: marks }, async () => {
      if (!(await this.#ask("PATCH", `/branches/${branch.id}`, { branch: { name } }))) return false;
      branch.name = name;
      return true;
    });
  }

  async #addRoleAndDatabase(branch: Known): Promise<void> {
    const name = `x${this.#dice.below(1_000_000)}`;
    await this.#do("role and database", this.#picture, async () => {
      const at = `/branches/${branch.id}`;
      const role = (await this.#ask("POST", `${at}/roles`, { role: { name } })) as
        | { role: { password: string } }
        | undefined;
      const database = { name, owner_name: "neondb_owner" };
      if (!role || !(await this.#ask("POST", `${at}/databases`, { database }))) return false;
      const user = uriWith(branch.uri, { user: name, password: role.role.password, db: name });
      await sql(user, "select 1");
      return true;
    });
  }

  /** A branch that came to be without an address is given one, to look into it. */
  async #adopt(name: string, marks: string[]): Promise<Known> {
    const found = (await this.#project().list()).find((branch) => branch.name === name);
    if (!found) throw new Error(`${name} is not there`);
    const { endpoint } = await this.#project().call<{ endpoint: { id: string } }>(
      201,
      "POST",
      "/endpoints",
      { endpoint: { branch_id: found.id, type: "read_write" } },
    );
    const branch: Known = { id: found.id, name, endpointId: endpoint.id, uri: "", marks };
    branch.uri = await this.#project().uriOf(branch);
    this.#branches.push(branch);
    return branch;
  }

  /** What is wrong after a restart; empty when all is as before the work under way, or as after it. */
  async contradictions(): Promise<string[]> {
    const wrong: string[] = [];
    const project = this.#project();
    const listed = (await project.list()).filter(({ name }) => name.startsWith(this.#prefix));
    const { endpoints } = await project.call<{ endpoints: { id: string; branch_id: string }[] }>(
      200,
      "GET",
      "/endpoints",
    );
    const before = this.#branches;
    this.#branches = [];
    for (const { id, name } of listed) {
      const known = before.find((branch) => branch.id === id);
      const endpointId = endpoints.find((endpoint) => endpoint.branch_id === id)?.id;
      if (endpointId === undefined) {
        await this.#adopt(name, []);
      } else {
        const branch = { id, name, endpointId, uri: "", marks: [] };
        branch.uri = await project.uriOf(branch);
        this.#branches.push(branch);
        if (known && known.uri !== branch.uri) wrong.push(`${name} has another address`);
      }
    }
    for (const branch of this.#branches) {
      const rows = await sql<{ text: string }>(branch.uri, "select text from marks order by 1");
      branch.marks = rows.map(({ text }) => text);
    }
    const found = this.#picture;
    const work = this.#underWay;
    this.#underWay = undefined;
    const allowed = work
      ? [work.before, work.after]
      : [Object.fromEntries(before.map(({ name, marks }) => [name, marks.join(" ")]))];
    if (!allowed.some((picture) => isSame(picture, found))) {
      wrong.push(
        `after ${work?.what ?? "rest"}: found ${show(found)}; allowed ${allowed.map(show).join(" or ")}`,
      );
    }
    return wrong;
  }
}

const show = (picture: Picture) =>
  JSON.stringify(Object.fromEntries(Object.entries(picture).sort()));
const isSame = (a: Picture, b: Picture) => show(a) === show(b);
