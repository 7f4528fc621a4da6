/** What a file can hang on. */
export type AttachmentSubject = "item" | "comment";
