import { Failure } from "../../../shared/errors.ts";
import type { User, UserOrganization } from "../domain/user.ts";
import type { UserRepository } from "./user.repository.ts";

export class UserService {
  readonly #users: UserRepository;

  constructor(users: UserRepository) {
    this.#users = users;
  }

  async profile(id: number): Promise<User & { organizations: UserOrganization[] }> {
    const user = await this.#users.find(id);
    if (!user) throw new Failure("not_found", `There is no user ${id}.`);
    return { ...user, organizations: await this.#users.listOrganizations(id) };
  }
}
