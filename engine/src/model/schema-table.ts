/** A table as `format=json` of the API tells it (BranchSchemaJSON), field names included. */
export interface SchemaTable {
  schema: string;
  name: string;
  columns: { name: string; type: string; nullable: boolean; generated: boolean }[];
  constraints: SchemaConstraint[];
}

export interface SchemaConstraint {
  type: "primary_key" | "unique" | "foreign_key";
  name: string;
  columns: string[];
  referenced_table?: { schema: string; table: string; columns: string[] };
}
