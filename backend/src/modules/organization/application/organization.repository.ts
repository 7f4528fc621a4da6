import type { Member, Organization, Role } from "../domain/organization.ts";

export interface OrganizationRepository {
  find(id: string): Promise<Organization | undefined>;
  /** As `find`, and no other transaction adds members until this one ends. */
  findAndLock(id: string): Promise<Organization | undefined>;
  countMembers(id: string): Promise<number>;
  listMembers(id: string): Promise<Member[]>;
  findMember(id: string, userId: number): Promise<Member | undefined>;
  addMember(id: string, userId: number, role: Role): Promise<void>;
}
