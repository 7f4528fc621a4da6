export type Environment = Readonly<Record<string, string | undefined>>;

// Variables that are no subject's own; docs/environment.md has all of them.

/** The folder that `~` stands for. */
export const homeDirectory = (env: Environment): string | undefined => env.HOME || undefined;

/** Where the person's programs keep their settings: the XDG base directory specification. */
export function configDirectory(env: Environment): string | undefined {
  const home = homeDirectory(env);
  return env.XDG_CONFIG_HOME || (home && `${home}/.config`);
}

/** Opens what belongs to the person or the job, and no project's configuration needs to read it. */
const credential =
  /^(NEON_|AWS_|PULUMI_|AZURE_|ARM_|ACTIONS_ID_TOKEN_|ACTIONS_RUNTIME_TOKEN$|(GITHUB|GH)_(ENTERPRISE_)?TOKEN$|NPM_TOKEN$|NODE_AUTH_TOKEN$|GOOGLE_(APPLICATION_)?CREDENTIALS$)/i;

/** What a project's configuration is evaluated with. */
export const withoutCredentials = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !credential.test(name)));

const isOn = (value: string | undefined): boolean =>
  value !== undefined && value !== "" && value !== "false" && value !== "0";

export const isGithubActions = (env: Environment): boolean => env.GITHUB_ACTIONS === "true";

/** Nobody watches: a job of a build server's. */
export const isCi = (env: Environment): boolean => isOn(env.CI) || isOn(env.GITHUB_ACTIONS);

/** What lies on this machine counts in a job, too, although it is gone with it. */
export const isLocalAllowed = (env: Environment): boolean => isOn(env.DS_LOCAL) || !isCi(env);
