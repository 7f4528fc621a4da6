import { Failure } from "../../../shared/errors.ts";
import type { InTransaction } from "../../../shared/transaction.ts";
import type { UserRepository } from "../../user/application/user.repository.ts";
import { type NewUser, newUser } from "../../user/domain/user.ts";
import {
  assertSeatFree,
  type Member,
  type Organization,
  type Role,
} from "../domain/organization.ts";
import type { OrganizationRepository } from "./organization.repository.ts";

interface InvitationPorts {
  organizations: OrganizationRepository;
  users: UserRepository;
}

export class OrganizationService {
  readonly #organizations: OrganizationRepository;
  readonly #inTransaction: InTransaction<InvitationPorts>;

  constructor(
    organizations: OrganizationRepository,
    inTransaction: InTransaction<InvitationPorts>,
  ) {
    this.#organizations = organizations;
    this.#inTransaction = inTransaction;
  }

  async get(id: string): Promise<Organization> {
    return existing(id, await this.#organizations.find(id));
  }

  async members(id: string): Promise<Member[]> {
    await this.get(id);
    return this.#organizations.listMembers(id);
  }

  /** The member, or a refusal: nobody acts in an organization without belonging to it. */
  async requireMember(id: string, userId: number): Promise<Member> {
    await this.get(id);
    const member = await this.#organizations.findMember(id, userId);
    if (!member) throw new Failure("forbidden", `User ${userId} is no member of ${id}.`);
    return member;
  }

  /** Adds a person, who may already be a user through another organization. */
  async invite(id: string, person: NewUser, role: Role): Promise<Member> {
    const candidate = newUser(person);
    return this.#inTransaction(async ({ organizations, users }) => {
      const organization = existing(id, await organizations.findAndLock(id));
      const user = await users.findOrAdd(candidate);
      if (await organizations.findMember(id, user.id)) {
        throw new Failure("conflict", `${user.email} is already a member of ${id}.`);
      }
      assertSeatFree(organization.plan, await organizations.countMembers(id));
      await organizations.addMember(id, user.id, role);
      return { userId: user.id, fullName: user.fullName, email: user.email, role };
    });
  }
}

function existing(id: string, organization: Organization | undefined): Organization {
  if (!organization) throw new Failure("not_found", `There is no organization ${id}.`);
  return organization;
}
