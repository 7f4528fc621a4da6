/** Things whose names a shell can complete, and that are not known before somebody looks. */
export type Names = "stages" | "branches" | "migrations" | "processes";
