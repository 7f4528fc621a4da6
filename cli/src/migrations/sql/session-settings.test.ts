import { expect, test } from "vitest";
import { settingsLeft } from "./session-settings.ts";

test.each([
  ["create table a (id int)", []],
  ["set search_path to s; create table a (id int)", ["search_path"]],
  ["SET SESSION search_path = s", ["search_path"]],
  ["set local search_path to s", []],
  ["set search_path to s; reset search_path", []],
  ["set search_path to s; set search_path to default", []],
  ["set search_path to s; set role r; reset all", []],
  ["set role r; set session authorization x", ["role", "session_authorization"]],
  ["set role r; set role none; reset session authorization", []],
  ["set lock_timeout = 0", []],
  ["select pg_catalog.set_config('search_path', '', false)", ["search_path"]],
  ["select set_config('search_path', '', true)", []],
  ["select 'set search_path to s'; -- set role r;", []],
  ["create function f() returns int language sql set search_path to s as 'select 1'", []],
])("%s leaves %j", (sql, left) => expect(settingsLeft(sql)).toEqual(left));
