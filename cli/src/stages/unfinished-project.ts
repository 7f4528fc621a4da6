import { randomUUID } from "node:crypto";
import type { Project } from "../neon/model.ts";

/** What a project is called until a set-up has made all of it. */
export const unfinishedName = (name: string): string => `${name} (setting up ${randomUUID()})`;

export const isUnfinished = ({ name }: Pick<Project, "name">): boolean =>
  / \(setting up [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\)$/.test(name);
