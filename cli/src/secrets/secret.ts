/**
 * What a cloud stage has outside the database: its entry in the secret store and its Pulumi stack,
 * and what its branch carries to find both again.
 */

/** An entry of a secret store, without its value. */
export interface Secret {
  /** The exact name, such as `/ds/devstride/ci-pr-142/database`. */
  name: string;
  /** ISO 8601, where the store knows it. */
  createdAt: string | undefined;
  changedAt: string | undefined;
  /** Set while it waits for its deletion, and can still be restored. */
  deletedAt: string | undefined;
}

export type SecretChange = "created" | "updated" | "unchanged" | "restored";

/** How long a person's secret can still be brought back; AWS allows no less. */
export const recoveryDays = 7;
