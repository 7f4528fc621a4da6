import type { IdRange, OrganizationLayout } from "./layout.ts";
import { Random } from "./random.ts";
import { FIRST_NAMES, LAST_NAMES } from "./words.ts";

/** One stream of random numbers a kind of row; the values are arbitrary but must not change. */
export const STREAM = {
  organization: 1,
  user: 2,
  board: 3,
  item: 4,
  itemText: 5,
  watcher: 6,
  comment: 7,
  notification: 8,
  attachment: 9,
} as const;

export interface Person {
  fullName: string;
  mailbox: string;
}

/** The name of a user, from the id alone. */
export function person(userId: number): Person {
  const random = new Random(STREAM.user, userId);
  const first = random.pick(FIRST_NAMES);
  const last = random.pick(LAST_NAMES);
  return { fullName: `${first} ${last}`, mailbox: `${plain(first)}.${plain(last)}` };
}

/** The address of a member; guests have theirs from the organization they come from. */
export function email(organization: OrganizationLayout, userId: number): string {
  const { id, users, guestsFrom } = organization;
  const isOwn = userId >= users.first && userId < users.first + users.count;
  const domain = (isOwn ? id : guestsFrom).replace("_", "-");
  return `${person(userId).mailbox}.${userId}@${domain}.example`;
}

/** Four in five have one. */
export function phone(userId: number): string | null {
  const random = new Random(STREAM.user, -userId);
  const areaCode = 201 + random.below(780);
  const lastDigits = String(random.below(100)).padStart(2, "0");
  return random.chance(80) ? `+1-${areaCode}-555-01${lastDigits}` : null;
}

const plainNames = new Map<string, string>();

/** Lower-case ASCII letters of a name, for the mailbox. */
function plain(name: string): string {
  let result = plainNames.get(name);
  if (result === undefined) {
    result = name
      .normalize("NFD")
      .toLowerCase()
      .replace(/[^a-z]/g, "");
    plainNames.set(name, result);
  }
  return result;
}

export function memberCount(organization: OrganizationLayout): number {
  return organization.users.count + organization.guests.count;
}

/** The user id of a member by position: first the organization's own users, then its guests. */
export function memberAt(organization: OrganizationLayout, position: number): number {
  const { users, guests } = organization;
  return position < users.count ? users.first + position : guests.first + (position - users.count);
}

export function anyMember(organization: OrganizationLayout, random: Random): number {
  return memberAt(organization, random.below(memberCount(organization)));
}

export function anyId(range: IdRange, random: Random): number {
  return range.first + random.below(range.count);
}
