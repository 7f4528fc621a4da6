/** Rows to make in each table; they add up to the size that was asked for. */
export interface RowCounts {
  organizations: number;
  users: number;
  boards: number;
  items: number;
  itemWatchers: number;
  comments: number;
  attachments: number;
  notifications: number;
}

const NAMED_SIZES = { small: 5_000, medium: 200_000, large: 4_000_000 } as const;
const SMALLEST = 500;
const LARGEST = 100_000_000;

/** Reads a `--size`: a name or a number of rows. @throws Error with a sentence for the user. */
export function parseSize(text: string): number {
  if (Object.hasOwn(NAMED_SIZES, text)) return NAMED_SIZES[text as keyof typeof NAMED_SIZES];
  const rows = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (rows >= SMALLEST && rows <= LARGEST) return rows;
  throw new Error(
    `"${text}" is not a size: give small, medium, large or a number of rows from ${SMALLEST} to ${LARGEST}.`,
  );
}

/** Reads a `--first-id`. @throws Error with a sentence for the user. */
export function parseFirstId(text: string): number {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (id >= 1) return id;
  throw new Error(`"${text}" is not an id to begin with: give a number from 1 to 9999999999.`);
}

/** The plans' and memberships' rows follow from the others, so notifications take what is left. */
export function countRows(total: number, planRows: number): RowCounts {
  const organizations = Math.min(200, Math.max(4, Math.round(Math.sqrt(total) / 15)));
  const users = Math.max(4 * organizations, Math.floor(total * 0.03));
  const boards = Math.max(organizations, Math.floor(total * 0.005));
  const items = Math.floor(total * 0.2);
  const itemWatchers = Math.floor(total * 0.3);
  const comments = Math.floor(total * 0.25);
  const attachments = Math.floor(total * 0.02);
  const memberships = users + organizations * GUESTS_PER_ORGANIZATION;
  const notifications =
    total -
    planRows -
    organizations -
    users -
    memberships -
    boards -
    items -
    itemWatchers -
    comments -
    attachments;
  return {
    organizations,
    users,
    boards,
    items,
    itemWatchers,
    comments,
    attachments,
    notifications,
  };
}

/** Members that each organization borrows from the next one. */
export const GUESTS_PER_ORGANIZATION = 2;
