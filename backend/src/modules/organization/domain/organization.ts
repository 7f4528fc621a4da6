import { Failure } from "../../../shared/errors.ts";

export type Role = "owner" | "member" | "guest";

export interface Plan {
  code: string;
  name: string;
  maxMembers: number;
}

export interface Organization {
  id: string;
  name: string;
  plan: Plan;
}

export interface Member {
  userId: number;
  fullName: string;
  email: string;
  role: Role;
}

/** @throws Failure when the plan has no room for one more member */
export function assertSeatFree(plan: Plan, memberCount: number): void {
  if (memberCount < plan.maxMembers) return;
  throw new Failure(
    "conflict",
    `The ${plan.name} plan has room for ${plan.maxMembers} members only.`,
  );
}
