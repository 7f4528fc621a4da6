import type { raw } from "@neon/sdk";
import { DsError } from "../../errors/ds-error.ts";
import { harmless } from "../../lib/text/harmless.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import {
  describeOrganization,
  type HasOrganizationSettings,
  invalidOrganization,
  isOrganizationId,
  type Organization,
  severalOrganizations,
} from "../organization.ts";
import { projectKey } from "../project-key.ts";
import { rememberedOrganization, rememberOrganization } from "./organization-memory.ts";
import { type NeonReader, path } from "./reader.ts";

export type OrganizationSources = Pick<
  Runtime,
  "env" | "home" | "interactive" | "terminal" | "output" | "signal"
> &
  HasOrganizationSettings;

/**
 * Id of the organization whose projects are meant: NEON_ORG_ID, else `org` in ds.config.ts, else the only one of the API
 * key, else what somebody chooses, once for a project. Undefined where the API key may not tell: then it is one
 * organization's, or one project's, and the API knows which.
 */
export async function findOrganization(
  context: OrganizationSources,
  reader: NeonReader,
  api: string,
): Promise<string | undefined> {
  const { env, home, output } = context;
  const variable = env.NEON_ORG_ID?.trim();
  if (variable) return given(variable, "NEON_ORG_ID", output);
  const { org, project } = await context.organizationSettings();
  if (org !== undefined) return given(org, "org in ds.config.ts", output);
  const all = await organizationsOf(reader);
  const [only, ...others] = all ?? [];
  if (all === undefined || only === undefined) return undefined;
  if (others.length === 0) {
    output.detail(`organization ${describeOrganization(only)}, the only one of NEON_API_KEY`);
    return only.id;
  }
  const key = projectKey(api, project);
  const remembered = rememberedOrganization(home, key);
  const chosen = all.find(({ id }) => id === remembered) ?? (await ask(context, all, project));
  if (chosen.id !== remembered) await rememberOrganization(home, key, chosen.id);
  output.note(
    `Organization: ${describeOrganization(chosen)}, chosen for the project ${project}. To choose another: NEON_ORG_ID, or org in ds.config.ts.`,
  );
  return chosen.id;
}

function given(id: string, source: string, output: Runtime["output"]): string {
  if (!isOrganizationId(id)) throw invalidOrganization(source);
  output.detail(`organization ${id}, from ${source}`);
  return id;
}

/** Undefined where the API key may not list them, as one of an organization or of a project. */
export async function organizationsOf(reader: NeonReader): Promise<Organization[] | undefined> {
  const question = path`/users/me/organizations`;
  try {
    const what = "listing the organizations of NEON_API_KEY";
    const { organizations } = await reader.get<raw.OrganizationsResponse>(what, question);
    return organizations.map(({ id, name }) => ({ id, name }));
  } catch (error) {
    const refusals = [400, 403, 404];
    if (error instanceof DsError && refusals.includes(Number(error.details.httpStatus))) {
      return undefined;
    }
    throw error;
  }
}

async function ask(
  context: OrganizationSources,
  all: readonly Organization[],
  project: string,
): Promise<Organization> {
  if (!context.interactive) throw severalOrganizations(all);
  const prompts = await import("@clack/prompts");
  const answer = await prompts.select<string>({
    message: harmless(`Which organization has, or is to have, the project ${project}?`),
    options: all.map((each) => ({ value: each.id, label: harmless(describeOrganization(each)) })),
    ...context.terminal,
    signal: context.signal,
  });
  const chosen = prompts.isCancel(answer) ? undefined : all.find(({ id }) => id === answer);
  if (chosen === undefined) throw new DsError("INTERRUPTED", "stopped");
  return chosen;
}
