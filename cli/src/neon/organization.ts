import { DsError } from "../errors/ds-error.ts";

/** One that the API key belongs to. */
export interface Organization {
  id: string;
  name: string;
}

/** What decides which organization's projects are meant, where the API key belongs to several. */
interface OrganizationSettings {
  /** Its id in ds.config.ts. */
  org: string | undefined;
  /** The project for which a choice is remembered: its name in ds.config.ts. */
  project: string;
}

export interface HasOrganizationSettings {
  organizationSettings(): Promise<OrganizationSettings>;
}

/** As the API takes them. */
export const isOrganizationId = (text: string): boolean => /^[a-z0-9-]{1,60}$/.test(text);

/** For people: `Acme (org-cool-moon-1234)`. */
export const describeOrganization = ({ id, name }: Organization): string =>
  name === "" || name === id ? id : `${name} (${id})`;

/** Nobody said which, and nobody can be asked. */
export const severalOrganizations = (all: readonly Organization[]): DsError =>
  new DsError(
    "CONFIG_INVALID",
    `NEON_API_KEY belongs to ${all.length} organizations, and nothing says which one is meant: ${all.map(describeOrganization).join(", ")}`,
    {
      reason: "ORGANIZATION_UNCLEAR",
      hint: `Set NEON_ORG_ID, or org in ds.config.ts, to its id; or, for a project that exists, give the project's id: ds setup --project <id>`,
      details: { organizations: all.map(({ id, name }) => ({ id, name })) },
    },
  );

export const invalidOrganization = (source: string): DsError =>
  new DsError("CONFIG_INVALID", `${source} is not the id of an organization`, {
    reason: "ORGANIZATION_INVALID",
    hint: "It looks like org-cool-moon-12345678; Neon's console shows it in the organization's settings.",
  });
