// What teams do without a tool: dump all of production, restore it, and delete the other organizations.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

/**
 * Children first. Users stay, which spares this way most of its time: for each that goes Postgres looks through
 * every table that refers to users, and most have no index for that.
 */
const deletes = [
  "delete from notifications where organization_id <> $1",
  "delete from attachments where organization_id <> $1",
  "delete from comments where item_id in (select id from items where organization_id <> $1)",
  "delete from item_watchers where item_id in (select id from items where organization_id <> $1)",
  "delete from items where organization_id <> $1",
  "delete from boards where organization_id <> $1",
  "delete from memberships where organization_id <> $1",
  "delete from organizations where id <> $1",
];

/**
 * Seconds it takes, on a database of its own beside the branch's.
 *
 * @param {{ bin: string, production: string, url: string, folder: string, organization: string }} options
 */
export async function dumpRestoreDelete({ bin, production, url, folder, organization }) {
  const dump = join(folder, "dump");
  const target = new URL(url);
  target.pathname = "/restored";
  await once(url, "create database restored");
  const run = (/** @type {string} */ program, /** @type {string[]} */ args) =>
    execFileSync(join(bin, program), args, { stdio: ["ignore", "ignore", "inherit"] });
  try {
    const began = performance.now();
    run("pg_dump", [
      "--format=directory",
      "--compress=0",
      "--jobs=2",
      `--file=${dump}`,
      production,
    ]);
    run("pg_restore", [
      "--jobs=2",
      "--no-owner",
      "--no-privileges",
      `--dbname=${target.href}`,
      dump,
    ]);
    const client = new pg.Client(target.href);
    await client.connect();
    for (const sql of deletes) await client.query(sql, [organization]);
    await client.query("vacuum analyze");
    await client.end();
    return (performance.now() - began) / 1000;
  } finally {
    rmSync(dump, { recursive: true, force: true });
    await once(url, "drop database restored");
  }
}

/**
 * @param {string} url
 * @param {string} sql
 */
async function once(url, sql) {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(sql);
  await client.end();
}
