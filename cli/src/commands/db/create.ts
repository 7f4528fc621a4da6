import type { AppContext } from "../../app-context.ts";
import { checkBranchName } from "../../branches/names.ts";
import { DsError } from "../../errors/ds-error.ts";
import { ago } from "../../lib/format/ago.ts";
import { parseDuration } from "../../lib/format/duration.ts";
import { shellWord } from "../../lib/text/shell-quote.ts";
import { branchNamed, readWriteEndpoint } from "../../neon/lookup.ts";
import { outsideHistory } from "../../neon/outside-history.ts";
import { describeMoment, parseMoment } from "../../neon/point-in-time.ts";
import { requireProject } from "../../stages/io/project.ts";

interface Flags {
  from: string | undefined;
  at: string | undefined;
  ttl: string | undefined;
  noEndpoint: boolean;
}

const longestTtl = "30d";

export default async function create(
  { config, neon, output }: AppContext,
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
  const settings = await config();
  const at = flags.at === undefined ? undefined : parseMoment(flags.at, new Date());
  const api = await neon();
  const project = await requireProject(api, settings.project, settings);
  const branches = await api.listBranches(project.id);
  const parent = flags.from
    ? branchNamed(branches, flags.from, project.name)
    : branches.find((branch) => branch.default);
  if (branches.some((branch) => branch.name === name)) {
    throw new DsError("CONFLICT", `the project ${project.name} already has a branch ${name}`, {
      reason: "BRANCH_NAME_TAKEN",
      hint: "Choose another name, or look at what there is: ds db branches",
    });
  }
  const then = at ? ` as it was at ${describeMoment(at, new Date())}` : "";
  const made = await output
    .step(`Creating the branch ${name} from ${parent?.name}${then}`, () =>
      api.createBranch(project.id, {
        name,
        endpoint: !flags.noEndpoint,
        ...(at ? { at } : {}),
        ...(parent ? { parentId: parent.id } : {}),
        ...(ttl === undefined ? {} : { expiresAt: new Date(Date.now() + ttl).toISOString() }),
      }),
    )
    .catch((error) => {
      throw at ? outsideHistory(error, at) : error;
    });
  const endpoint = flags.noEndpoint
    ? undefined
    : readWriteEndpoint(await api.listEndpoints(project.id), made.id);
  output.result(
    {
      project: { id: project.id, name: project.name },
      branch: {
        id: made.id,
        name: made.name,
        parent: parent && { id: parent.id, name: parent.name },
        createdAt: made.createdAt,
        at: at ?? null,
        expiresAt: made.expiresAt ?? null,
      },
      endpoint: endpoint ? { id: endpoint.id, host: endpoint.host } : null,
    },
    [
      `Branch ${made.name} (${made.id})${endpoint ? ` at ${endpoint.host}` : ", without an endpoint"}`,
      ...(endpoint ? [`To connect: ds db connect --branch ${shellWord(made.name)}`] : []),
      ...(made.expiresAt ? [`It is deleted by itself ${ago(made.expiresAt, Date.now())}.`] : []),
    ].join("\n"),
  );
}
