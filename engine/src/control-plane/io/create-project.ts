import { throwIf } from "../../lib/engine-error.ts";
import { newDatabaseRecord, newRoleRecord } from "../../model/contents.ts";
import { newPassword } from "../../model/ids.ts";
import type { BranchRecord, EndpointRecord, ProjectRecord } from "../../model/records.ts";
import type { BeginOfHistory } from "../../pitr/io/base-backup-keeper.ts";
import type { Compute } from "../../postgres/io/compute.ts";
import { currentLsn } from "../../postgres/io/log-position.ts";
import * as sql from "../../postgres/io/roles.ts";
import { newOperation } from "../../under-way/io/operations.ts";
import type { BranchBundle, CreateProjectInput } from "../api-types.ts";
import { refuseSizing } from "../endpoint-rules.ts";
import { newProjectRecord, rootBranchRecord } from "../project-records.ts";
import { refuseSettings, refuseVersion } from "../project-rules.ts";
import { asRefusal } from "./branch-sql.ts";
import { discardBranch } from "./branches.ts";
import { openEndpoint } from "./endpoints.ts";
import type { Takes } from "./services.ts";

type CreateServices = Takes<
  | "catalog"
  | "operations"
  | "data"
  | "computes"
  | "listeners"
  | "history"
  | "postgres"
  | "settingsCheck"
  | "background"
>;

/** A project is made with main, an owner, a database and an endpoint. */
export async function createProject(
  services: CreateServices,
  input: CreateProjectInput,
): Promise<BranchBundle & { project: ProjectRecord }> {
  const { data, history, operations, postgres, settingsCheck } = services;
  const major = input.pgVersion ?? postgres.own.binaries.major;
  throwIf(refuseVersion(major, postgres.majors));
  throwIf(refuseSettings(input.settings, postgres.of(major).preloadable));
  await settingsCheck.check(major, input.defaultEndpointSettings?.pgSettings);
  const now = new Date().toISOString();
  const project = newProjectRecord(input, major, now);
  throwIf(refuseSizing(project.defaultEndpointSettings));
  const owner = newRoleRecord(input.roleName ?? "neondb_owner", newPassword(), now);
  const database = newDatabaseRecord(input.databaseName ?? "neondb", owner.name, now);
  const root = rootBranchRecord(project, input, { owner, database });
  return services.background.begin({
    what: `creating the project ${project.name}`,
    branchIds: [root.id],
    want: { exclusive: [root.id] },
    prepare: async () => {
      const template = await postgres.template(major).path();
      const branch: BranchRecord = { ...root, dataDir: await data.copyOf(template) };
      const { endpoint, begin } = await makeRoot(services, project, branch);
      history.beginFrom(branch.id, template, begin);
      const at = { projectId: project.id, branchId: branch.id };
      const started = { ...at, endpointId: endpoint.id, action: "start_compute" } as const;
      const begun = [
        await operations.begin(newOperation({ ...at, action: "create_timeline" }, now)),
        await operations.begin(newOperation(started, now)),
      ];
      const answer = { project, branch, endpoints: [endpoint], operations: begun };
      return { answer, operations: begun };
    },
  });
}

/** Fills the root branch and commits the project; when that fails, the branch's data is gone, too. */
async function makeRoot(
  services: CreateServices,
  project: ProjectRecord,
  branch: BranchRecord,
): Promise<{ endpoint: EndpointRecord; begin: BeginOfHistory }> {
  const { catalog, computes } = services;
  const compute = computes.add(branch, project);
  try {
    const begin = await fill(compute, branch);
    const endpoint = await openEndpoint(services, project, branch.id, { type: "read_write" });
    await catalog.commit(() => ({
      projects: [project],
      branches: [{ branch, endpoints: [endpoint] }],
    }));
    return { endpoint, begin };
  } catch (error) {
    await discardBranch(services, branch);
    throw asRefusal(error);
  }
}

/** Makes the branch's roles and databases, and tells the moment from which on its history counts. */
async function fill(compute: Compute, { roles, databases }: BranchRecord): Promise<BeginOfHistory> {
  return compute.admin("postgres", async (client) => {
    for (const { name, password } of roles) await sql.createRole(client, name, password);
    for (const { name, ownerName } of databases) {
      await sql.createDatabase(client, name, ownerName);
    }
    const lsn = await currentLsn(client);
    return { at: new Date().toISOString(), lsn };
  });
}
