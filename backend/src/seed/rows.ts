import { dayAfter, minutesAfter, moment } from "./calendar.ts";
import type { Value } from "./copy-text.ts";
import type { OrganizationLayout } from "./layout.ts";
import { anyId, anyMember, email, memberAt, memberCount, person, phone, STREAM } from "./people.ts";
import { Random } from "./random.ts";
import * as words from "./words.ts";

type Rows = Generator<Value[]>;

/** A table's columns and its rows, made one after the other: nothing is kept. */
export interface TableData {
  name: string;
  columns: string[];
  hasIdentity: boolean;
  rows: (organizations: OrganizationLayout[]) => Rows;
}

export const PLANS = [
  ["free", "Free", 5, 0],
  ["team", "Team", 50, 4900],
  ["business", "Business", 100_000, 19_900],
] as const;

/** In an order in which every reference points at a table before it. */
export const TABLES: TableData[] = [
  table("plans", "code name max_members monthly_price_cents", planRows),
  table("users", "id full_name email phone created_at", userRows),
  table("organizations", "id name plan_code billing_email settings created_at", organizationRows),
  table("memberships", "organization_id user_id role created_at", membershipRows),
  table("boards", "id organization_id name created_by archived_at created_at", boardRows),
  table(
    "items",
    "id organization_id board_id title description status priority due_on assignee_id created_by custom_fields created_at",
    itemRows,
  ),
  table("item_watchers", "item_id user_id", watcherRows),
  table("comments", "id item_id author_id reply_to_id body created_at", commentRows),
  table(
    "attachments",
    "id organization_id subject_type subject_id file_name uploaded_by uploaded_from created_at",
    attachmentRows,
  ),
  table(
    "notifications",
    "id organization_id user_id kind item_id comment_id payload read_at created_at",
    notificationRows,
  ),
];

function table(name: string, columnList: string, rows: TableData["rows"]): TableData {
  const columns = columnList.split(" ");
  return { name, columns, rows, hasIdentity: columns[0] === "id" && name !== "organizations" };
}

function* planRows(): Rows {
  for (const plan of PLANS) yield [...plan];
}

function* userRows(organizations: OrganizationLayout[]): Rows {
  for (const organization of organizations) {
    const { users } = organization;
    for (let n = 0; n < users.count; n++) {
      const id = users.first + n;
      yield [
        id,
        person(id).fullName,
        email(organization, id),
        phone(id),
        moment((0.2 * n) / users.count),
      ];
    }
  }
}

function* organizationRows(organizations: OrganizationLayout[]): Rows {
  for (const organization of organizations) {
    const { id, index } = organization;
    const random = new Random(STREAM.organization, index);
    const name =
      index === 0
        ? "Demo Company"
        : `${random.pick(words.COMPANY_NAMES)} ${random.pick(words.COMPANY_FORMS)} ${index}`;
    const members = memberCount(organization);
    const plan = PLANS.find(([, , maxMembers]) => members < maxMembers) ?? PLANS[2];
    const settings = {
      timezone: random.pick(words.TIMEZONES),
      weekStart: random.chance(70) ? "monday" : "sunday",
    };
    const billingEmail = `billing@${id.replace("_", "-")}.example`;
    yield [id, name, plan[0], billingEmail, settings, moment(0)];
  }
}

function* membershipRows(organizations: OrganizationLayout[]): Rows {
  for (const organization of organizations) {
    const { id, users } = organization;
    const members = memberCount(organization);
    for (let n = 0; n < members; n++) {
      const role = n === 0 ? "owner" : n < users.count ? "member" : "guest";
      yield [id, memberAt(organization, n), role, moment((0.2 * n) / members)];
    }
  }
}

function* boardRows(organizations: OrganizationLayout[]): Rows {
  for (const organization of organizations) {
    const { id: organizationId, boards } = organization;
    for (let n = 0; n < boards.count; n++) {
      const random = new Random(STREAM.board, boards.first + n);
      const round = Math.floor(n / words.BOARD_NAMES.length);
      const name = words.BOARD_NAMES[n % words.BOARD_NAMES.length] ?? "Board";
      const created = moment(0.2 + (0.1 * n) / boards.count);
      yield [
        boards.first + n,
        organizationId,
        round === 0 ? name : `${name} ${round + 1}`,
        anyMember(organization, random),
        n > 0 && random.chance(10) ? minutesAfter(created, 60 * 24 * 30) : null,
        created,
      ];
    }
  }
}

function itemTitle(itemId: number): string {
  const random = new Random(STREAM.itemText, itemId);
  return `${random.pick(words.VERBS)} ${random.pick(words.SUBJECTS)} ${random.pick(words.CIRCUMSTANCES)}`;
}

function* itemRows(organizations: OrganizationLayout[]): Rows {
  for (const organization of organizations) {
    const { id: organizationId, items } = organization;
    for (let n = 0; n < items.count; n++) {
      const id = items.first + n;
      const random = new Random(STREAM.item, id);
      const created = moment(0.3 + (0.7 * n) / items.count);
      const customFields: Record<string, string | number | boolean> = {
        component: random.pick(words.COMPONENTS),
      };
      if (random.chance(50)) customFields.estimate = 1 + random.below(13);
      if (random.chance(20)) customFields.customerReported = true;
      if (random.chance(10))
        customFields.contact = email(organization, anyMember(organization, random));
      yield [
        id,
        organizationId,
        anyId(organization.boards, random),
        itemTitle(id),
        sentences(random, random.below(4)),
        random.pick(["backlog", "in_progress", "review", "done", "done"]),
        random.below(4),
        random.chance(40) ? dayAfter(created, 1 + random.below(60)) : null,
        random.chance(70) ? anyMember(organization, random) : null,
        anyMember(organization, random),
        customFields,
        created,
      ];
    }
  }
}

function* watcherRows(organizations: OrganizationLayout[]): Rows {
  for (const organization of organizations) {
    const { items, watchers } = organization;
    const members = memberCount(organization);
    let item = -1;
    let position = 0;
    for (let n = 0; n < watchers.count; n++) {
      const nextItem = Math.floor((n * items.count) / watchers.count);
      // The watchers of one item are neighbours in the list of members, so none comes twice.
      position =
        nextItem === item
          ? position + 1
          : new Random(STREAM.watcher, items.first + nextItem).below(members);
      item = nextItem;
      yield [items.first + item, memberAt(organization, position % members)];
    }
  }
}

/** Which item the nth comment belongs to. Squared: old items gather long threads, new ones few. */
function commentedItem({ items, comments }: OrganizationLayout, n: number): number {
  const fraction = n / comments.count;
  return items.first + Math.floor(items.count * fraction * fraction);
}

function commentAuthor(organization: OrganizationLayout, n: number): number {
  return anyMember(organization, new Random(STREAM.comment, -(organization.comments.first + n)));
}

function commentMoment({ comments }: OrganizationLayout, n: number): Date {
  return moment(0.3 + (0.7 * n) / comments.count);
}

function* commentRows(organizations: OrganizationLayout[]): Rows {
  for (const organization of organizations) {
    const { comments } = organization;
    for (let n = 0; n < comments.count; n++) {
      const random = new Random(STREAM.comment, comments.first + n);
      const item = commentedItem(organization, n);
      const answered = n - 1 - random.below(5);
      const isReply = answered >= 0 && commentedItem(organization, answered) === item;
      yield [
        comments.first + n,
        item,
        commentAuthor(organization, n),
        isReply ? comments.first + answered : null,
        sentences(random, 1 + random.below(3)) + mention(organization, random),
        commentMoment(organization, n),
      ];
    }
  }
}

function* attachmentRows(organizations: OrganizationLayout[]): Rows {
  for (const organization of organizations) {
    const { attachments, items, comments } = organization;
    for (let n = 0; n < attachments.count; n++) {
      const random = new Random(STREAM.attachment, attachments.first + n);
      const ofComment = random.chance(40);
      const author = anyMember(organization, random);
      yield [
        attachments.first + n,
        organization.id,
        ofComment ? "comment" : "item",
        anyId(ofComment ? comments : items, random),
        `${person(author).fullName} ${random.pick(words.FILE_NAMES)}`,
        author,
        random.chance(90) ? `198.51.100.${random.below(256)}` : null,
        moment(0.3 + (0.7 * n) / attachments.count),
      ];
    }
  }
}

function* notificationRows(organizations: OrganizationLayout[]): Rows {
  for (const organization of organizations) {
    const { notifications, items, comments } = organization;
    for (let n = 0; n < notifications.count; n++) {
      const random = new Random(STREAM.notification, notifications.first + n);
      const ofComment = random.chance(75);
      const comment = Math.floor((n * comments.count) / notifications.count);
      const item = ofComment
        ? commentedItem(organization, comment)
        : items.first + Math.floor((n * items.count) / notifications.count);
      const actor = ofComment
        ? commentAuthor(organization, comment)
        : anyMember(organization, random);
      const created = minutesAfter(moment(0.3 + (0.7 * n) / notifications.count), 1);
      const wasRead = random.chance(70);
      yield [
        notifications.first + n,
        organization.id,
        anyMember(organization, random),
        ofComment ? "comment_added" : "item_assigned",
        item,
        ofComment ? comments.first + comment : null,
        {
          itemTitle: itemTitle(item),
          actor: { name: person(actor).fullName, email: email(organization, actor) },
        },
        wasRead ? minutesAfter(created, 1 + random.below(3000)) : null,
        created,
      ];
    }
  }
}

/** Now and then people leave somebody's address and number in what they write. */
function mention(organization: OrganizationLayout, random: Random): string {
  if (!random.chance(10)) return "";
  const id = anyMember(organization, random);
  const number = phone(id);
  return ` Ask ${person(id).fullName}, ${email(organization, id)}${number ? ` or ${number}` : ""}.`;
}

function sentences(random: Random, count: number): string {
  const parts: string[] = [];
  for (let n = 0; n < count; n++) parts.push(random.pick(words.SENTENCES));
  return parts.join(random.chance(20) ? "\n\n" : " ");
}
