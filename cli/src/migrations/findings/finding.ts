import type { Severity } from "./model/severity.ts";

/** The gravest first. */
export const severities: readonly Severity[] = ["error", "warning", "note"];

/** A rule's verdict of a statement. Part of `--json`: fields are added, not changed. */
export interface Finding {
  /** The rule's name, which `-- ds:ignore` and `migrations.rules` take. */
  rule: string;
  severity: Severity;
  migration: string;
  file: string;
  /** Of the statement in the file, from 1. */
  line: number;
  /** As SQL has it, with its schema where the search path needs that. */
  table?: string;
  /** By its bare name, where it is about one. */
  column?: string;
  /** One sentence. */
  says: string;
  /** What it rests on: sizes, what a probe has counted, what was not tried and why. */
  evidence: string[];
  /** The safe way, where there is one. */
  instead?: string;
  /** The reason that `-- ds:ignore` gives: it is told, and counts for nothing. */
  ignored?: string;
}

/** What `--strict` refuses. */
export const counts = ({ ignored, severity }: Finding): boolean =>
  ignored === undefined && severity !== "note";
