import { asc, eq } from "drizzle-orm";
import type { Database } from "../../../../shared/database.ts";
import type { CommentRepository } from "../../application/comment.repository.ts";
import type { Comment, NewComment } from "../../domain/comment.ts";
import { comments } from "./comment.sql-entity.ts";

export class DrizzleCommentRepository implements CommentRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(commentId: number): Promise<Comment | undefined> {
    const [found] = await this.#database.select().from(comments).where(eq(comments.id, commentId));
    return found;
  }

  listOfItem(itemId: number): Promise<Comment[]> {
    return this.#database
      .select()
      .from(comments)
      .where(eq(comments.itemId, itemId))
      .orderBy(asc(comments.id));
  }

  async add(comment: NewComment): Promise<Comment> {
    const [added] = await this.#database.insert(comments).values(comment).returning();
    if (!added) throw new Error("Postgres returned no comment");
    return added;
  }
}
