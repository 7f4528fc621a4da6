import { shellWord } from "../../lib/text/shell-quote.ts";

/** Git's hooks that ds has a part in. */
export const hookNames = ["post-checkout", "post-merge", "post-rewrite"] as const;

export type HookName = (typeof hookNames)[number];

export type Follow = "worktree" | "branch";

/** The second line of each of our files: by it they are known again. */
const mark = "# ds git hook 1: made by ds git install; ds git uninstall brings back what was here";

/** What was at a hook's place before, which runs first. */
export type Before =
  /** A shell script beside this one: read by the same shell, so that `$0` is what it was. */
  | { run: "read"; shell: string }
  /** Another program beside this one. */
  | { run: "start" }
  /** In the folder that core.hooksPath named before. */
  | { run: "forward"; folder: string };

export interface HookSettings {
  follow: Follow;
  /** Absolute, of whoever installed it. */
  node: string;
  command: string;
  /** The configuration's folder, from the worktree's top: `.`, or `packages/db`. */
  part: string;
  /** From the worktree's top. */
  envFile: string;
  /** What is looked at for changes, from the worktree's top. */
  paths: readonly string[];
}

export const suffix = ".before-ds";

/**
 * The hook as a script of plain `sh`, which decides without node whether there is anything to do: a checkout that changes no
 * migration costs one `git diff`. Its status is that of what was there before; ours never counts.
 */
export function hookScript(
  name: HookName,
  settings: HookSettings,
  before: Before | undefined,
): string {
  const { follow, node, command, part, envFile, paths } = settings;
  const shell = before?.run === "read" ? before.shell : "#!/bin/sh";
  return `${shell}
${mark}
ds_status=0
${callBefore(name, before)}
ds_follow() {
  ${moment[name]}
  [ -f ${shellWord(envFile)} ] || return 0
  if [ -d .git ]; then ds_dir=.git; else
    IFS= read -r ds_line 2>/dev/null <.git || return 0
    ds_dir=\${ds_line#gitdir: }
  fi
  # Steps of a rebase or bisect are nobody's checkout.
  [ ! -e "$ds_dir/BISECT_START" ] || return 0
  ${name === "post-rewrite" ? ":" : `[ ! -d "$ds_dir/rebase-merge" ] && [ ! -d "$ds_dir/rebase-apply" ] || return 0`}
${follow === "branch" ? branchMoved : ""}
  if [ "\${ds_moved-}" != 1 ]; then
    [ "$ds_old" != "$ds_new" ] || return 0
    git diff --quiet "$ds_old" "$ds_new" -- ${paths.map(shellWord).join(" ")} 2>/dev/null
    [ $? = 1 ] || return 0
  fi
  [ -f ${shellWord(command)} ] || return 0
  ds_node=${shellWord(node)}
  [ -x "$ds_node" ] || ds_node=node
  unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_OBJECT_DIRECTORY GIT_COMMON_DIR
  cd ${shellWord(part)} 2>/dev/null && "$ds_node" ${shellWord(command)} git hook ${name} </dev/null >&2
}
(ds_follow "$@") || :
exit "$ds_status"
`;
}

/** When it is a moment for it, and between which commits. */
const moment: Record<HookName, string> = {
  "post-checkout": `[ "\${3-}" = 1 ] || return 0
  case \${GIT_REFLOG_ACTION-} in rebase* | pull*) return 0 ;; esac
  ds_old=$1 ds_new=$2`,
  "post-merge": "ds_old=ORIG_HEAD ds_new=HEAD",
  "post-rewrite": `[ "\${1-}" = rebase ] || return 0
  ds_old=ORIG_HEAD ds_new=HEAD`,
};

/** Another git branch than the one that the database was switched for. Detached, it stays. */
const branchMoved = `  IFS= read -r ds_head 2>/dev/null <"$ds_dir/HEAD" || return 0
  case $ds_head in
    "ref: refs/heads/"*)
      ds_last=
      IFS= read -r ds_last 2>/dev/null <"$ds_dir/ds-branch" || :
      [ "$ds_last" = "\${ds_head#ref: refs/heads/}" ] || ds_moved=1 ;;
    *) return 0 ;;
  esac`;

function callBefore(name: HookName, before: Before | undefined): string {
  switch (before?.run) {
    case "read":
      // In a shell of its own, so that its exit, exec and traps are its own; not in a condition, which would undo its set -e.
      return `if [ -f "$0${suffix}" ]; then
  (. "$0${suffix}")
  ds_status=$?
fi`;
    case "start":
      return `if [ -x "$0${suffix}" ]; then
  "$0${suffix}" "$@"
  ds_status=$?
fi`;
    case "forward":
      return `ds_folder=${shellWord(before.folder)}
if [ -x "$ds_folder/${name}" ]; then
  "$ds_folder/${name}" "$@"
  ds_status=$?
fi
for ds_each in "$ds_folder"/*; do
  ds_name=\${ds_each##*/}
  case $ds_name in *[!a-z-]*) continue ;; esac
  [ ! -f "$ds_each" ] || [ ! -x "$ds_each" ] || [ -e "\${0%/*}/$ds_name" ] || cp "\${0%/*}/forward" "\${0%/*}/$ds_name" || :
done`;
    case undefined:
      return ":";
  }
}

/** Stands for a hook of the folder that core.hooksPath named before, under the hook's name. */
export const forwardScript = (folder: string): string => `#!/bin/sh
${mark}
ds_hook=${shellWord(folder)}/\${0##*/}
[ ! -x "$ds_hook" ] || exec "$ds_hook" "$@"
`;

export const isOurs = (text: string): boolean => text.split("\n", 2)[1] === mark;

/** How a hook that is there already is called: one of a plain shell is read, any other program started. */
export function beforeOf(text: string): Before {
  const [first = ""] = text.split("\n", 1);
  if (!first.startsWith("#!")) return { run: "read", shell: "#!/bin/sh" };
  const isPlainShell = /^#! ?(\/usr\/bin\/env |\/(usr\/)?bin\/)(sh|bash|dash)\s*$/.test(first);
  return isPlainShell ? { run: "read", shell: first.trimEnd() } : { run: "start" };
}

/** Who writes hooks here, by what lies in the checkout. */
export function managerOf(hooksPath: string, texts: readonly string[]): string | null {
  if (/(^|\/)\.husky(\/_)?$/.test(hooksPath)) return "husky";
  if (texts.some((text) => /lefthook/i.test(text))) return "lefthook";
  if (texts.some((text) => /SKIP_SIMPLE_GIT_HOOKS/.test(text))) return "simple-git-hooks";
  return null;
}
