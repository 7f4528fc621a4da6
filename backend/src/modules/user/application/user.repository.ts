import type { NewUser, User, UserOrganization } from "../domain/user.ts";

export interface UserRepository {
  find(id: number): Promise<User | undefined>;
  /** The user with this e-mail address, unchanged; added when there is none. */
  findOrAdd(person: NewUser): Promise<User>;
  listOrganizations(id: number): Promise<UserOrganization[]>;
}
