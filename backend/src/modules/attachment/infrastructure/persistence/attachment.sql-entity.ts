import { bigint, index, inet, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { organizations } from "../../../organization/infrastructure/persistence/organization.sql-entity.ts";
import { users } from "../../../user/infrastructure/persistence/user.sql-entity.ts";
import type { AttachmentSubject } from "../../domain/attachment.ts";

/** A file on an item or on a comment: type and id together say on which, so no foreign key can. */
export const attachments = pgTable(
  "attachments",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    subjectType: text("subject_type").$type<AttachmentSubject>().notNull(),
    subjectId: bigint("subject_id", { mode: "number" }).notNull(),
    fileName: text("file_name").notNull(),
    uploadedBy: bigint("uploaded_by", { mode: "number" })
      .notNull()
      .references(() => users.id),
    uploadedFrom: inet("uploaded_from"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    index("attachments_organization_id_index").on(table.organizationId),
    index("attachments_subject_type_subject_id_index").on(table.subjectType, table.subjectId),
    index("attachments_uploaded_by_index").on(table.uploadedBy),
  ],
);
