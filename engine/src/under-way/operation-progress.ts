/** How far an operation is that copies data; told beside Neon's API, whose operations have no field for it. */
export interface OperationProgress {
  projectId: string;
  operationIds: string[];
  /** Name of the branch or snapshot whose data is copied. */
  source: string;
  copiedBytes: number;
  totalBytes: number;
}
