export type CloneMethod = "reflink" | "copy";
