type NotificationKind = "item_assigned" | "comment_added";

/** What a client shows without a further request. */
export interface NotificationPayload {
  itemTitle: string;
  actor: { name: string; email: string };
  excerpt?: string;
}

export interface NewNotification {
  organizationId: string;
  userId: number;
  kind: NotificationKind;
  itemId: number;
  commentId: number | null;
  payload: NotificationPayload;
}

export interface Notification extends NewNotification {
  id: number;
  readAt: Date | null;
  createdAt: Date;
}

interface Actor {
  userId: number;
  fullName: string;
  email: string;
}

interface SubjectItem {
  id: number;
  organizationId: string;
  title: string;
  assigneeId: number | null;
}

const EXCERPT_LENGTH = 80;

/** None when there is no assignee or people assign work to themselves. */
export function itemAssigned(item: SubjectItem, actor: Actor): NewNotification[] {
  const { id, organizationId, title, assigneeId } = item;
  if (assigneeId === null || assigneeId === actor.userId) return [];
  const payload = { itemTitle: title, actor: shown(actor) };
  return [
    {
      organizationId,
      userId: assigneeId,
      kind: "item_assigned",
      itemId: id,
      commentId: null,
      payload,
    },
  ];
}

export function commentAdded(
  comment: { id: number; body: string },
  item: SubjectItem,
  actor: Actor,
  recipients: number[],
): NewNotification[] {
  const payload = {
    itemTitle: item.title,
    actor: shown(actor),
    excerpt: excerpt(comment.body),
  };
  return recipients.map((userId) => ({
    organizationId: item.organizationId,
    userId,
    kind: "comment_added",
    itemId: item.id,
    commentId: comment.id,
    payload,
  }));
}

const shown = ({ fullName, email }: Actor) => ({ name: fullName, email });

/** The beginning of a text on one line; counts characters as people do, so none is cut in half. */
export function excerpt(body: string): string {
  const characters = [...new Intl.Segmenter("en").segment(body.replace(/\s+/g, " "))];
  if (characters.length <= EXCERPT_LENGTH) return characters.map(({ segment }) => segment).join("");
  const kept = characters.slice(0, EXCERPT_LENGTH - 1).map(({ segment }) => segment);
  return `${kept.join("").trimEnd()}…`;
}
