import type { MaskMisfit, Problem, ProblemReason } from "./problem.ts";

/** A sentence without the subject's name in front where that would repeat it. */
export const problemText = ({ reason }: Pick<Problem, "reason">): string => sentence(reason);

/** The same for programs, which have the reason's code and fields beside it. */
export const problemDocument = (problem: Problem) => ({
  ...problem,
  message: problemText(problem),
});

function misfitText(reason: MaskMisfit): string {
  const name = `mask.${reason.mask}()`;
  switch (reason.code) {
    case "MASK_TYPE":
      return `${name} does not fit ${reason.type}`;
    case "MASK_NULL":
      return `${name} does not fit a column that is NOT NULL`;
    case "MASK_TOO_LONG":
      return `${name} needs ${reason.needs} characters, and the column has ${reason.length}`;
    case "MASK_VALUE":
      return `${reason.value} of ${name} does not fit ${reason.type}`;
    case "MASK_IN_JSON":
      return `${name} does not fit inside JSON (${reason.path})`;
    case "MASK_NOT_UNIQUE":
      return `${name} may give two values the same mask, and the column is unique; ${reason.instead} would not`;
    case "MASK_TOO_LONG_UNIQUE":
      return `${name} needs ${reason.needs} characters to keep values different, and the column has ${reason.length}`;
    case "MASK_TOO_FEW_DIGITS":
      return `${name} has ${reason.digits} digits in ${reason.type}: too few to keep values different`;
  }
}

/** A rule for many columns need not change: the one that it does not fit can have its own. */
const ofRule = (rule: string | undefined) =>
  rule === undefined ? "" : `, as ${rule} says: give it a rule of its own`;

function sentence(reason: ProblemReason): string {
  switch (reason.code) {
    case "NO_TABLE":
      return `there is no table ${reason.table}`;
    case "NO_COLUMN":
      return `${reason.table} has no column ${reason.column}`;
    case "NO_SUCH_TABLE":
      return "there is no such table";
    case "NO_SUCH_COLUMN":
      return reason.table === undefined
        ? "there is no such column"
        : `${reason.table} has no such column`;
    case "NO_SUCH_REFERENCE":
      return "there is no such reference";
    case "RULES_CONTRADICT":
      return `say different things of ${reason.of}: name it`;

    case "NO_TENANT_COLUMN":
      return `no table has a column ${reason.column}; did you mean ${reason.similar.join(" or ")}?`;
    case "NO_SINGLE_PRIMARY_KEY":
      return `${reason.table} has no primary key of one column: name its \`key\``;
    case "NOT_UNIQUE":
      return `${reason.table}.${reason.column} is not unique`;
    case "TENANT_TABLE_NEEDS_NO_RULE":
      return "is the tenant's own table, which needs no rule";
    case "COLUMN_MISSING":
      return `has no column ${reason.column}`;
    case "REFERS_ELSEWHERE":
      return `its ${reason.column} refers to ${reason.other}, not to ${reason.tenant}`;
    case "INCOMPARABLE":
      return `its ${reason.column} is ${reason.type}, and ${reason.tenant} is ${reason.tenantType}`;
    case "TENANT_MAY_BE_NULL":
      return `${reason.columns.join(",")} may be NULL: say what becomes of rows that belong to no organization`;
    case "ONLY_NULLABLE_PATH":
      return `only ${reason.columns.join(",")} leads to an organization, and may be NULL`;
    case "NO_PATH":
      return "no column and no foreign key leads to an organization";
    case "PARENT_UNDECIDED":
      return `belongs to ${reason.table}, of which nobody has said what it is`;
    case "HAS_TENANT_COLUMN":
      return `is said to be the same for everybody, and its ${reason.column} says whose a row is`;
    case "VIA_IS_NO_REFERENCE":
      return `via ${JSON.stringify(reason.via)} is no reference of ${reason.table}`;
    case "VIA_LEADS_ELSEWHERE":
      return `via ${JSON.stringify(reason.via)} leads to ${reason.tables.join(", ")}, which is not the organization's`;

    case "NOT_A_KEY":
      return `${reason.columns} is no key: several rows may have the same value`;
    case "COLUMN_COUNT":
      return `${reason.columns} has not as many columns`;
    case "CANNOT_BE_EMPTIED":
      return "cannot be emptied: it is NOT NULL";
    case "REFERS_TO_SKIPPED":
      return `refers to ${reason.table}, which is skipped`;
    case "UNKNOWN_TYPES":
      return `production has rows of type ${quotedList(reason.types)}, which the rules do not know`;

    case "UNCLASSIFIED":
      return `${reason.type}: nobody has said whether it is personal`;
    case "TENANT_COLUMN_MASKED":
      return `${reason.column} says whose a row is, and cannot be masked`;
    case "KEEPS_UNSEEN_COLUMNS":
      return "would keep columns that nobody has seen yet: name them";
    case "MASKED_DIFFERENTLY":
      return `refers to ${reason.column}, and the two are not masked alike`;

    case "MISSING_ON_MAIN":
      return "production has it, and the migrated main has not";
    case "REQUIRED_ON_MAIN":
      return "main has it as NOT NULL without a default, and production has not";
    case "NOT_NULL_ON_MAIN":
      return "is NOT NULL on main, and may be NULL in production";
    case "TYPES_DIFFER":
      return `is ${reason.source} in production, and ${reason.target} on main`;
    case "TYPE_OF_ONE_SERVER":
      return `is ${reason.type}, whose values mean something on their own server only`;
    case "LABELS_MISSING":
      return `${reason.type} has no ${reason.labels.map((label) => `"${label}"`).join(", ")} on main`;

    case "MASK_FAILS":
      return `mask.${reason.mask}() of the rule ${JSON.stringify(reason.rule)} does not work: ${reason.said}`;
    case "FILTER_FAILS":
      return `the rows of it cannot be chosen so: ${reason.said}`;

    case "MASK_BREAKS_CHECK":
      return `mask.${reason.mask}() gives values that ${reason.constraint} does not allow: ${reason.check}`;
    case "MASKS_BREAK_CHECK":
      return `masked rows (${reason.masks.join(", ")}) are not what ${reason.constraint} asks for: ${reason.check}`;

    case "NOT_READABLE":
      return "the role may not read it";
    case "ROW_SECURITY":
      return "row-level security hides rows of it from the role";

    default:
      return `${misfitText(reason)}${ofRule(reason.rule)}`;
  }
}

const quotedList = (texts: readonly string[]) =>
  texts.map((text) => JSON.stringify(text)).join(", ");
