import type { AppContext } from "../../app-context.ts";
import { table } from "../../lib/terminal/table.ts";
import { hooksStatus } from "../../setup/hooks/io/status.ts";

export default async function status(context: AppContext): Promise<void> {
  const document = await hooksStatus(context);
  context.output.result({ ...document }, (style) => {
    const { follow, followInstalled, hooks, hooksPath, installed, manager } = document;
    const rows = hooks.map(({ name, state, before }) => [
      name,
      state === "installed" ? style.green(state) : style.yellow(state),
      before === null ? "" : style.dim(`runs ${before} first`),
    ]);
    const isStale = followInstalled !== null && followInstalled !== follow;
    const head = [
      ["Hooks", `${hooksPath}${manager ? ` (${manager})` : ""}`],
      ["Follow", follow],
    ];
    return [
      ...table([...head, ...rows]),
      ...(installed ? [] : ["To install them: ds git install"]),
      ...(isStale ? [`They still follow the ${followInstalled}; anew: ds git install`] : []),
    ].join("\n");
  });
}
