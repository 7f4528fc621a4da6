import { describe, expect, test } from "vitest";
import { assertOpen, type Board } from "../src/modules/board/domain/board.ts";
import {
  assertSameItem,
  audience,
  type Comment,
  toThreads,
} from "../src/modules/comment/domain/comment.ts";
import { assertFewCustomFields, firstWatchers } from "../src/modules/item/domain/item.ts";
import { excerpt, itemAssigned } from "../src/modules/notification/domain/notification.ts";
import { assertSeatFree } from "../src/modules/organization/domain/organization.ts";
import { newUser } from "../src/modules/user/domain/user.ts";
import { toPage } from "../src/shared/page.ts";

const createdAt = new Date(0);

function comment(id: number, replyToId: number | null, itemId = 1): Comment {
  return { id, replyToId, itemId, authorId: 1, body: "", createdAt };
}

describe("a comment", () => {
  test("stands below the one it answers", () => {
    const threads = toThreads([comment(1, null), comment(2, 1), comment(3, null), comment(4, 2)]);
    expect(threads.map(({ id }) => id)).toEqual([1, 3]);
    expect(threads[0]?.replies[0]?.replies[0]?.id).toBe(4);
  });

  test("is not lost when what it answers is not there", () => {
    expect(toThreads([comment(2, 1)]).map(({ id }) => id)).toEqual([2]);
  });

  test("answers comments of its own item only", () => {
    expect(() => assertSameItem(comment(1, null, 7), 8)).toThrow("does not belong to item 8");
    expect(() => assertSameItem(comment(1, null, 8), 8)).not.toThrow();
  });

  test("concerns everybody once, but not its author", () => {
    const concerned = { authorId: 1, watcherIds: [1, 2, 3], assigneeId: 3, answeredAuthorId: 4 };
    expect(audience(concerned)).toEqual([2, 3, 4]);
    expect(
      audience({ authorId: 1, watcherIds: [], assigneeId: null, answeredAuthorId: null }),
    ).toEqual([]);
  });
});

describe("an item", () => {
  test("is watched by its author and whoever is to do it", () => {
    expect(firstWatchers({ createdBy: 1, assigneeId: 2 })).toEqual([1, 2]);
    expect(firstWatchers({ createdBy: 1, assigneeId: 1 })).toEqual([1]);
    expect(firstWatchers({ createdBy: 1, assigneeId: null })).toEqual([1]);
  });

  test("has at most 20 custom fields", () => {
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`field${n}`, n]));
    expect(() => assertFewCustomFields(fields(20))).not.toThrow();
    expect(() => assertFewCustomFields(fields(21))).toThrow("at most 20");
  });

  test("is announced to its assignee, unless people assign it to themselves", () => {
    const item = { id: 1, organizationId: "org_demo", title: "Fix it", assigneeId: 2 };
    expect(
      itemAssigned(item, { userId: 1, fullName: "Ann", email: "ann@x.example" }),
    ).toMatchObject([
      {
        userId: 2,
        kind: "item_assigned",
        payload: { itemTitle: "Fix it", actor: { name: "Ann", email: "ann@x.example" } },
      },
    ]);
    expect(itemAssigned(item, { userId: 2, fullName: "Bo", email: "bo@x.example" })).toEqual([]);
    expect(
      itemAssigned(
        { ...item, assigneeId: null },
        { userId: 1, fullName: "Ann", email: "ann@x.example" },
      ),
    ).toEqual([]);
  });
});

test("an excerpt is one line of at most 80 characters and cuts none in half", () => {
  expect(excerpt("two\n\nlines")).toBe("two lines");
  expect(excerpt("x".repeat(80))).toBe("x".repeat(80));
  expect(excerpt("x".repeat(81))).toBe(`${"x".repeat(79)}…`);
  expect(excerpt("👩‍👩‍👧".repeat(81))).toBe(`${"👩‍👩‍👧".repeat(79)}…`);
});

test("a plan has room for so many members", () => {
  const plan = { code: "free", name: "Free", maxMembers: 5 };
  expect(() => assertSeatFree(plan, 4)).not.toThrow();
  expect(() => assertSeatFree(plan, 5)).toThrow("The Free plan has room for 5 members only.");
});

test("an archived board takes no items", () => {
  const board: Board = {
    id: 1,
    organizationId: "org_demo",
    name: "Old",
    archivedAt: null,
    createdAt,
  };
  expect(() => assertOpen(board)).not.toThrow();
  expect(() => assertOpen({ ...board, archivedAt: createdAt })).toThrow('"Old" is archived');
});

test("a user is stored in one form whatever was typed", () => {
  const typed = { fullName: "  Zoë   Sato ", email: " Zoe@Example.COM ", phone: " " };
  expect(newUser(typed)).toEqual({ fullName: "Zoë Sato", email: "zoe@example.com", phone: null });
  expect(() => newUser({ ...typed, email: "zoe@example" })).toThrow("is no e-mail address");
});

test("a page tells whether there is another one", () => {
  const entries = [{ id: 9 }, { id: 7 }, { id: 3 }];
  expect(toPage(entries, 2)).toEqual({ entries: [{ id: 9 }, { id: 7 }], next: 7 });
  expect(toPage(entries, 3)).toEqual({ entries, next: null });
  expect(toPage([], 3)).toEqual({ entries: [], next: null });
});
