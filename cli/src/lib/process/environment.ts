export type Environment = Readonly<Record<string, string | undefined>>;

// Variables that are no subject's own; docs/environment.md has all of them.

/** The folder that `~` stands for. */
export const homeDirectory = (env: Environment): string | undefined => env.HOME || undefined;

/** Nobody watches: a job of a build server's. */
export const isCi = ({ CI }: Environment): boolean =>
  CI !== undefined && CI !== "" && CI !== "false" && CI !== "0";

export const isGithubActions = (env: Environment): boolean => env.GITHUB_ACTIONS === "true";
