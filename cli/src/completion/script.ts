import { DsError } from "../errors/ds-error.ts";
import type { Environment } from "../lib/process/environment.ts";

const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

/** The shell that is named, or else the one that SHELL is. */
export function chooseShell(named: string | undefined, { SHELL }: Environment): Shell {
  const name = named ?? SHELL?.split("/").at(-1) ?? "";
  const shell = shells.find((known) => known === name);
  if (shell !== undefined) return shell;
  throw new DsError(
    "USAGE",
    named === undefined
      ? `your shell (${name || "SHELL is not set"}) is none that ds can complete in`
      : `ds cannot complete in ${named}`,
    { hint: `Name one of these: ${shells.join(", ")}` },
  );
}

/**
 * What a shell has to evaluate so that it completes `ds`. It asks `ds __complete <words>`, which prints
 * a line for each proposal: the text, a tab, what it is.
 */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}

const scripts: Record<Shell, string> = {
  bash: `_ds() {
  local proposal
  COMPREPLY=()
  while IFS= read -r proposal; do
    COMPREPLY+=("$(printf '%q' "\${proposal%%$'\\t'*}")")
  done < <(command "\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _ds ds ./ds`,

  zsh: `_ds() {
  local -a proposals described
  local proposal name brief
  proposals=("\${(@f)$(command "\${(Q)words[1]}" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for proposal in "\${proposals[@]}"; do
    [[ -n $proposal ]] || continue
    name=\${\${proposal%%$'\\t'*}//:/\\\\:}
    brief=\${proposal#*$'\\t'}
    described+=("$name\${brief:+:$brief}")
  done
  if (( \${#described} )); then _describe ds described; else _files; fi
}
compdef _ds ds ./ds`,

  fish: `function __ds_complete
  set -l words (commandline -opc)
  set -l program $words[1]
  set -e words[1]
  command $program __complete $words (commandline -ct | string unescape) 2>/dev/null
end
complete -c ds -f -a '(__ds_complete)'`,
};
