import { asc, eq, sql } from "drizzle-orm";
import type { Database } from "../../../../shared/database.ts";
import { memberships } from "../../../organization/infrastructure/persistence/membership.sql-entity.ts";
import { organizations } from "../../../organization/infrastructure/persistence/organization.sql-entity.ts";
import type { UserRepository } from "../../application/user.repository.ts";
import type { NewUser, User, UserOrganization } from "../../domain/user.ts";
import { users } from "./user.sql-entity.ts";

const COLUMNS = { id: users.id, fullName: users.fullName, email: users.email, phone: users.phone };

export class DrizzleUserRepository implements UserRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(id: number): Promise<User | undefined> {
    const [found] = await this.#database.select(COLUMNS).from(users).where(eq(users.id, id));
    return found;
  }

  async findOrAdd(person: NewUser): Promise<User> {
    // The update changes nothing; without it Postgres would not return the row that is already there.
    const [user] = await this.#database
      .insert(users)
      .values(person)
      .onConflictDoUpdate({ target: users.email, set: { email: sql`excluded.email` } })
      .returning(COLUMNS);
    if (!user) throw new Error("Postgres returned no user");
    return user;
  }

  listOrganizations(id: number): Promise<UserOrganization[]> {
    return this.#database
      .select({ id: organizations.id, name: organizations.name, role: memberships.role })
      .from(memberships)
      .innerJoin(organizations, eq(organizations.id, memberships.organizationId))
      .where(eq(memberships.userId, id))
      .orderBy(asc(organizations.id));
  }
}
