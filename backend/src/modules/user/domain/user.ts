import { Failure } from "../../../shared/errors.ts";

export interface NewUser {
  fullName: string;
  email: string;
  phone: string | null;
}

export interface User extends NewUser {
  id: number;
}

export interface UserOrganization {
  id: string;
  name: string;
  role: string;
}

/** Brings a person's data into the one form that is stored: two spellings of an address are one user. */
export function newUser(person: NewUser): NewUser {
  const email = person.email.trim().toLowerCase();
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) {
    throw new Failure("invalid", `"${person.email}" is no e-mail address.`);
  }
  const fullName = person.fullName.trim().replace(/\s+/g, " ");
  if (fullName === "") throw new Failure("invalid", "A user needs a name.");
  return { fullName, email, phone: person.phone?.trim() || null };
}
