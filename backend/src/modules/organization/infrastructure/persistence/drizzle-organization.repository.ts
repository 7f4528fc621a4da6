import { and, asc, count, eq } from "drizzle-orm";
import type { Database } from "../../../../shared/database.ts";
import { users } from "../../../user/infrastructure/persistence/user.sql-entity.ts";
import type { OrganizationRepository } from "../../application/organization.repository.ts";
import type { Member, Organization, Role } from "../../domain/organization.ts";
import { memberships } from "./membership.sql-entity.ts";
import { organizations } from "./organization.sql-entity.ts";
import { plans } from "./plan.sql-entity.ts";

export class DrizzleOrganizationRepository implements OrganizationRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(id: string): Promise<Organization | undefined> {
    const [found] = await this.#select(id);
    return found;
  }

  async findAndLock(id: string): Promise<Organization | undefined> {
    const [found] = await this.#select(id).for("update", { of: organizations });
    return found;
  }

  async countMembers(id: string): Promise<number> {
    const [found] = await this.#database
      .select({ members: count() })
      .from(memberships)
      .where(eq(memberships.organizationId, id));
    return found?.members ?? 0;
  }

  listMembers(id: string): Promise<Member[]> {
    return this.#selectMembers()
      .where(eq(memberships.organizationId, id))
      .orderBy(asc(users.fullName), asc(users.id));
  }

  async findMember(id: string, userId: number): Promise<Member | undefined> {
    const [found] = await this.#selectMembers().where(
      and(eq(memberships.organizationId, id), eq(memberships.userId, userId)),
    );
    return found;
  }

  async addMember(id: string, userId: number, role: Role): Promise<void> {
    await this.#database.insert(memberships).values({ organizationId: id, userId, role });
  }

  #select(id: string) {
    const { code, name, maxMembers } = plans;
    return this.#database
      .select({
        id: organizations.id,
        name: organizations.name,
        plan: { code, name, maxMembers },
      })
      .from(organizations)
      .innerJoin(plans, eq(plans.code, organizations.planCode))
      .where(eq(organizations.id, id));
  }

  #selectMembers() {
    return this.#database
      .select({
        userId: users.id,
        fullName: users.fullName,
        email: users.email,
        role: memberships.role,
      })
      .from(memberships)
      .innerJoin(users, eq(users.id, memberships.userId));
  }
}
