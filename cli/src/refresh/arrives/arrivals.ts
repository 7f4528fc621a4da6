import type { Shapes } from "../model/observed.ts";
import type { Reference, TableClass, Unmasked } from "../model/plan.ts";
import type { Unseen } from "../samples/unseen.ts";

/** What comes to main that is not the organization's own, or that nothing masks. No value of a row is in it. */
export interface Arrivals {
  tables: TableArrivals[];
  crossings: Crossing[];
  /** Values that could not be looked at. */
  unseen: Unseen[];
}

/** Rows; where nobody had the time to count them, what the planner of the server expects. */
interface Count {
  rows: number;
  exact: boolean;
}

export interface TableArrivals {
  table: string;
  class: TableClass;
  /** Rows that arrive; undefined where all of them are the organization's own by the rules alone. */
  rows: Count | undefined;
  /**
   * Of these the ones that belong to another organization, as far as rows say whose they are. Of a table that is the
   * same for everybody: to which only other organizations' rows refer; of a shared one: theirs as well.
   */
  others: number | undefined;
  /** Those that belong to nobody; of a table that is the same for everybody: to which no organization's row refers. */
  nobodys: number | undefined;
  /** Of a table that is the same for everybody: organizations whose rows refer to it. */
  tenants: number | undefined;
  unmasked: UnmaskedColumn[];
}

/** A column with words in it that is copied as it is. */
export interface UnmaskedColumn {
  column: string;
  type: string;
  why: Unmasked;
  /** Values that were looked at: of a sample of the table's rows, whosever they are. */
  values: number;
  shapes: Shapes;
  paths?: Record<string, Shapes>;
}

/** Rows of the organization that refer to what does not come with it. */
export interface Crossing {
  name: string;
  from: string;
  to: string;
  crossTenant: Reference["crossTenant"];
  /** To a row of another organization's; undefined where that was not counted. */
  others: number | undefined;
  /** To a row that does not exist. */
  dangling: number | undefined;
}

/** Whether there is anything to look at. */
export const isOfNote = ({ others = 0, nobodys = 0, class: tableClass }: TableArrivals): boolean =>
  others + nobodys > 0 || tableClass === "shared" || tableClass === "reference";

export const isCrossed = ({ others, dangling }: Crossing): boolean =>
  others === undefined || others + (dangling ?? 0) > 0;
