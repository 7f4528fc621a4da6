/** What tests read of `ds db status --json`. */
export interface Status {
  stage: string;
  developer: string;
  branch: { id: string; name: string; parent: { id: string; name: string } | null };
  endpoint: { id: string; host: string; state: string };
  migrations: { applied: unknown[]; pending: unknown[]; edited: unknown[]; unknown: unknown[] };
  envFile: { path: string; variable: string; pointsHere: boolean };
}
