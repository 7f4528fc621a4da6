export type NotificationKind = "item_assigned" | "comment_added";

/** What a client shows without a further request. */
export interface NotificationPayload {
  itemTitle: string;
  actorName: string;
  excerpt?: string;
}
