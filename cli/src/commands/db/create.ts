import type { AppContext } from "../../app-context.ts";
import { createBranch } from "../../branches/io/create-branch.ts";
import { checkChosenName } from "../../branches/names.ts";
import { DsError } from "../../errors/ds-error.ts";
import { ago } from "../../lib/format/ago.ts";
import { parseDuration } from "../../lib/format/duration.ts";
import { shellWord } from "../../lib/text/shell-quote.ts";
import { parseMoment } from "../../neon/point-in-time.ts";
import { pointAtBranch } from "../../setup/io/point-at-branch.ts";

interface Flags {
  from: string | undefined;
  at: string | undefined;
  ttl: string | undefined;
  noEndpoint: boolean;
  ifAbsent: boolean;
  use: boolean;
}

const longestTtl = "30d";

export default async function create(
  context: AppContext,
  flags: Flags,
  name: string,
): Promise<void> {
  checkChosenName(name, { isStages: true });
  const ttl = flags.ttl === undefined ? undefined : parseDuration(flags.ttl);
  if (ttl !== undefined && ttl > parseDuration(longestTtl)) {
    throw new DsError(
      "USAGE",
      `--ttl ${flags.ttl} is longer than the ${longestTtl} that a branch can be given`,
    );
  }
  const at = flags.at === undefined ? undefined : parseMoment(flags.at, new Date());
  if (flags.use && flags.noEndpoint) {
    throw new DsError("USAGE", "--use needs an endpoint, and --no-endpoint makes none");
  }
  const { ifAbsent, from } = flags;
  const { name: owner } = await context.developer();
  const maker = { by: "create", owner, stage: (await context.stage()).name } as const;
  const wanted = { name, from, at, ttl, endpoint: !flags.noEndpoint, ifAbsent, maker };
  const { created, project, branch, parent, endpoint } = await createBranch(context, wanted);
  const used = flags.use ? await pointAtBranch(context, branch.name) : undefined;
  context.output.result(
    {
      created,
      project: { id: project.id, name: project.name },
      branch: {
        id: branch.id,
        name: branch.name,
        parent: parent && { id: parent.id, name: parent.name },
        createdAt: branch.createdAt,
        at: at ?? null,
        expiresAt: branch.expiresAt ?? null,
      },
      endpoint: endpoint ? { id: endpoint.id, host: endpoint.host } : null,
      envFile: used?.envFile ?? null,
    },
    [
      ...(created ? [] : [`${branch.name} is there already; nothing was made.`]),
      `Branch ${branch.name} (${branch.id})${endpoint ? ` at ${endpoint.host}` : ", without an endpoint"}`,
      ...(used ? [`${used.envFile.path} leads to it. Back to ${used.before}: ds db use -`] : []),
      ...(endpoint && !used
        ? [
            `To connect: ds db connect --branch ${shellWord(branch.name)}`,
            `To work on it from this checkout: ds db use ${shellWord(branch.name)}`,
          ]
        : []),
      ...(branch.expiresAt
        ? [`It is deleted by itself ${ago(branch.expiresAt, Date.now())}.`]
        : []),
    ].join("\n"),
  );
}
