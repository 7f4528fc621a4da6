import type pg from "pg";
import type { AdvisorIssue } from "../../model/advisor-issue.ts";
import { type Advice, advices, issueOf } from "../advices.ts";

interface Found {
  schema: string;
  table: string;
  object: string;
}

/** What is worth a look in the database, by its catalog alone. */
export async function readAdvice(client: pg.Client): Promise<AdvisorIssue[]> {
  const issues: AdvisorIssue[] = [];
  for (const advice of advices) issues.push(...(await issuesOf(client, advice)));
  return issues;
}

async function issuesOf(client: pg.Client, advice: Advice): Promise<AdvisorIssue[]> {
  const { rows } = await client.query<Found>(advice.query);
  return rows.map((found) => issueOf(advice, found));
}
