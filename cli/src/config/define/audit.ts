export interface AuditConfig {
  /** `ds db audit` offers nothing that is younger than this, or was used within it. Default: `24h`. */
  grace?: string;
  /** A branch that nobody has connected to for so long counts as inactive. Default: `14d`. */
  inactive?: string;
  /** How long to wait for a source (Pulumi, AWS, git's remote) before it counts as failed. Default: `60s`. */
  timeout?: string;
}
