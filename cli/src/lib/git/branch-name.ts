/** A name that git takes for a branch, and that means nothing else in a refspec: git-check-ref-format. */
export const isBranchName = (name: string): boolean =>
  name !== "" && !/^[-/]|\.\.|\/\/|@\{|[\s~^:?*[\\\p{Cc}]|[/.]$|\.lock$/u.test(name);
