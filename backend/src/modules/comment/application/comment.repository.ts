import type { Comment, NewComment } from "../domain/comment.ts";

export interface CommentRepository {
  find(commentId: number): Promise<Comment | undefined>;
  /** Oldest first. */
  listOfItem(itemId: number): Promise<Comment[]>;
  add(comment: NewComment): Promise<Comment>;
}
