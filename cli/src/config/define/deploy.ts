export interface SecretsConfig {
  /**
   * `file`: private files of this user, in the state folder of ds. `aws`: AWS Secrets Manager, with the credentials
   * that the AWS SDK finds (AWS_PROFILE, SSO, OIDC in CI ...). Default: `file`.
   */
  store?: "file" | "aws";
  /** Name of a stage's secret; `{project}` and `{stage}` are replaced. Default: `/ds/{project}/{stage}/database`. */
  name?: string;
  /** `aws`: the region. Default: the AWS SDK's own (AWS_REGION, the profile's). */
  region?: string;
}

export interface InfraConfig {
  /** Folder of the Pulumi program of a cloud stage, relative to this file. */
  folder: string;
  /** Pulumi organization of the stacks. Default: the one of whoever is logged in. */
  organization?: string;
  /** Given to `pulumi stack init`, such as `awskms://alias/stages`. Default: the backend's own. */
  secretsProvider?: string;
}

export interface DeployConfig {
  /** A cloud stage's branch is deleted by itself this long after the last `ds deploy up`; at most 30d. */
  expires?: string;
}
