/** Something in a database that is worth a look, as the API tells it (AdvisorIssue). */
export interface AdvisorIssue {
  name: string;
  title: string;
  level: "ERROR" | "WARN" | "INFO";
  facing: "EXTERNAL" | "INTERNAL";
  categories: ("SECURITY" | "PERFORMANCE")[];
  description: string;
  detail: string;
  remediation: string;
  metadata: Record<string, unknown>;
  cache_key: string;
}
