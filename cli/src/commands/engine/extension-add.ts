import type { AppContext } from "../../app-context.ts";
import type { WaitingBranch } from "../../engine/contract.ts";
import { addExtension } from "../../engine/extensions/io/add.ts";
import { checkExtensionName } from "../../engine/extensions/name.ts";

interface Flags {
  from: string | undefined;
  now: boolean;
}

export default async function add(context: AppContext, flags: Flags, name: string): Promise<void> {
  checkExtensionName(name);
  const { output } = context;
  const service = await context.engine();
  await service.ensure({ asked: true });
  const addition = await addExtension(context, name, flags.from);
  if (addition.status === "built-in") {
    output.result(
      { ...addition, name, waiting: [], restarted: [] },
      `Postgres has ${name} by itself; nothing was added.`,
    );
    return;
  }
  const { extension, status, waiting } = addition;
  const restarted = flags.now ? await restart(context, waiting) : [];
  const left = flags.now ? [] : waiting;
  const was = status === "present" ? "was there already" : "is there";
  output.result(
    { status, extension, waiting: left, restarted },
    [
      `${name} ${extension.version} ${was}, for every branch from its next start on.`,
      ...(left.length > 0
        ? [
            `Running without it: ${names(left)}. To restart them, which ends their connections: ds engine extension add ${name} --now`,
          ]
        : []),
      `To have it in a database: create extension ${quoted(name)}`,
    ].join("\n"),
  );
}

async function restart(
  { engine, output }: AppContext,
  waiting: readonly WaitingBranch[],
): Promise<WaitingBranch[]> {
  if (waiting.length === 0) return [];
  const extensions = await (await engine()).extensions();
  return output.step(`Restarting ${names(waiting)}; their connections end`, () =>
    extensions.restart(),
  );
}

const names = (branches: readonly WaitingBranch[]): string =>
  branches.map(({ name }) => name).join(", ");

const quoted = (name: string): string => (/^[a-z_]\w*$/.test(name) ? name : `"${name}"`);
