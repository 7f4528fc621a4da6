/** In the API's own shape: what becomes of a column. */
export interface MaskingRule {
  database_name: string;
  schema_name: string;
  table_name: string;
  column_name: string;
  /** One of the two. */
  masking_function?: string;
  masking_value?: string;
}
