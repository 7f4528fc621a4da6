import type { AppContext } from "../../app-context.ts";
import { createBranch } from "../../branches/io/create-branch.ts";
import { checkBranchName } from "../../branches/names.ts";
import { DsError } from "../../errors/ds-error.ts";
import { ago } from "../../lib/format/ago.ts";
import { parseDuration } from "../../lib/format/duration.ts";
import { shellWord } from "../../lib/text/shell-quote.ts";
import { parseMoment } from "../../neon/point-in-time.ts";

interface Flags {
  from: string | undefined;
  at: string | undefined;
  ttl: string | undefined;
  noEndpoint: boolean;
}

const longestTtl = "30d";

export default async function create(
  context: AppContext,
  flags: Flags,
  name: string,
): Promise<void> {
  checkBranchName(name);
  const ttl = flags.ttl === undefined ? undefined : parseDuration(flags.ttl);
  if (ttl !== undefined && ttl > parseDuration(longestTtl)) {
    throw new DsError(
      "USAGE",
      `--ttl ${flags.ttl} is longer than the ${longestTtl} that a branch can be given`,
    );
  }
  const at = flags.at === undefined ? undefined : parseMoment(flags.at, new Date());
  const wanted = { name, from: flags.from, at, ttl, endpoint: !flags.noEndpoint };
  const { project, branch, parent, endpoint } = await createBranch(context, wanted);
  context.output.result(
    {
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
    },
    [
      `Branch ${branch.name} (${branch.id})${endpoint ? ` at ${endpoint.host}` : ", without an endpoint"}`,
      ...(endpoint ? [`To connect: ds db connect --branch ${shellWord(branch.name)}`] : []),
      ...(branch.expiresAt
        ? [`It is deleted by itself ${ago(branch.expiresAt, Date.now())}.`]
        : []),
    ].join("\n"),
  );
}
