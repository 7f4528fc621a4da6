import { Failure } from "../../../shared/errors.ts";

export const ITEM_STATUSES = ["backlog", "in_progress", "review", "done"] as const;
type ItemStatus = (typeof ITEM_STATUSES)[number];

/** What an organization adds to its items by itself; kept as JSON. */
export type CustomFields = Record<string, string | number | boolean | null>;

export interface NewItem {
  organizationId: string;
  boardId: number;
  title: string;
  description: string;
  status: ItemStatus;
  /** 0 (whenever) to 3 (now). */
  priority: number;
  /** `YYYY-MM-DD` */
  dueOn: string | null;
  assigneeId: number | null;
  createdBy: number;
  customFields: CustomFields;
}

export interface Item extends NewItem {
  id: number;
  createdAt: Date;
}

const MOST_CUSTOM_FIELDS = 20;

/** @throws Failure when the fields are more than a board can show */
export function assertFewCustomFields(fields: CustomFields): void {
  if (Object.keys(fields).length <= MOST_CUSTOM_FIELDS) return;
  throw new Failure("invalid", `An item has at most ${MOST_CUSTOM_FIELDS} custom fields.`);
}

/** Who hears of an item's changes from the start: its author and who is to do it. */
export function firstWatchers(item: Pick<Item, "createdBy" | "assigneeId">): number[] {
  const { createdBy, assigneeId } = item;
  return assigneeId === null || assigneeId === createdBy ? [createdBy] : [createdBy, assigneeId];
}
