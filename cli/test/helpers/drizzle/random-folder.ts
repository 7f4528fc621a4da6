import type { FolderFormat } from "../../../src/migrations/folder/migration.ts";
import type { FolderEntry } from "./drizzle-folder.ts";
import { Random } from "./random.ts";
import { RandomStatements } from "./random-statements.ts";

const mark = "--> statement-breakpoint";

/** Between two statements. All but the last two are for Drizzle's pieces. */
const separators = [
  `;\n${mark}\n`,
  `;${mark}\n`,
  `\n${mark}\n`,
  `;\n${mark} `,
  ` ${mark} `,
  `; -- what comes next ${mark} `,
  `;\n\n${mark}\n${mark}\n-- a comment of its own\n`,
  ";\n",
  "; /* ; */ ",
];

/** A migrations folder, and what there is to know of it before it is applied. */
export interface RandomFolder {
  format: FolderFormat;
  entries: FolderEntry[];
  /** Shapes in it that Drizzle cannot apply and ds can. */
  beyond: string[];
  /** Names of all shapes in it. */
  shapes: string[];
}

/** Folders that are equal for equal seeds; `grow` adds migrations to the one before. */
export class RandomFolders {
  readonly #random: Random;
  readonly #statements: RandomStatements;
  readonly #format: FolderFormat;
  readonly #entries: FolderEntry[] = [];
  #shapes: string[] = [];
  #beyond: string[] = [];
  #hasCommitted = false;
  #when = Date.UTC(2026, 0, 1);
  #number = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#statements = new RandomStatements(this.#random);
    this.#format = this.#random.pick(["v0", "v1"]);
  }

  grow(most: number): RandomFolder {
    this.#shapes = [];
    this.#beyond = [];
    this.#hasCommitted = false;
    const first = this.#entries.length === 0;
    const count = this.#random.int(1, most);
    for (let added = 0; added < count; added += 1) this.#add(first && added === 0);
    if (first) this.#disorder();
    return {
      format: this.#format,
      entries: [...this.#entries],
      beyond: this.#beyond,
      shapes: this.#shapes,
    };
  }

  /** What editors and git change in files that are applied. */
  touch(): void {
    const entry = this.#random.pick(this.#entries);
    entry.sql = this.#random.pick([
      (sql: string) => `\ufeff${sql.replace(/^\ufeff/, "")}`,
      (sql: string) => sql.replace(/^\ufeff/, ""),
      (sql: string) => sql.replaceAll(/\r?\n/g, "\r\n"),
      (sql: string) => sql.replaceAll("\r\n", "\n"),
    ])(entry.sql);
  }

  #add(isFirst: boolean): void {
    const random = this.#random;
    let sql = isFirst ? `${this.#statements.table()};\n` : this.#text();
    if (random.chance(0.15)) sql = this.#shape("CRLF", sql.replaceAll("\n", "\r\n"));
    if (random.chance(0.02)) sql = this.#past("byte order mark", `\ufeff${sql}`);
    this.#when += random.int(1, 90_000_000);
    const name = this.#name();
    this.#entries.push({ name, when: this.#when, sql });
  }

  #name(): string {
    const random = this.#random;
    const word = random.pick(["red_fox", "Blue", "a", "größe", "zebra_2"]);
    if (this.#format === "v1") {
      if (random.chance(0.15)) {
        // Two of the same second are told apart by name.
        this.#when -= this.#when % 1000;
        this.#shapes.push("same second");
      }
      const digits = new Date(this.#when).toISOString().replace(/\D/g, "").slice(0, 14);
      return `${digits}_${word}_${this.#entries.length}`;
    }
    const doubled = this.#entries.length > 0 && random.chance(0.15);
    if (doubled) this.#shapes.push("doubled number");
    else this.#number += random.int(1, 3);
    const number = String(this.#number).padStart(4, "0");
    return doubled ? `${number}_${this.#entries.length}_${word}` : `${number}_${word}`;
  }

  /** What merges, and people, do to a journal. */
  #disorder(): void {
    const random = this.#random;
    const [, second, third] = this.#entries;
    if (this.#format === "v1" || second === undefined) return;
    const [first] = this.#entries;
    const chance = random.next();
    if (third !== undefined && chance < 0.08) {
      // On a new database the journal's order counts, not that of its times.
      [second.when, third.when] = [third.when, second.when];
      this.#shapes.push("times in disorder");
    } else if (chance > 0.98) {
      second.when = first?.when ?? 0;
      this.#shapes.push("one time twice");
    } else if (chance > 0.96) {
      this.#entries.push({ ...second, when: this.#when + 1 });
      this.#shapes.push("one tag twice");
    } else if (chance > 0.93) {
      second.name = `${second.name}_é`.normalize("NFC");
      second.file = second.name.normalize("NFD");
      this.#past("decomposed file name", "");
    }
  }

  #text(): string {
    const random = this.#random;
    const made = this.#statements;
    const some = () => this.#join(made.some(4));
    const begin = random.pick(["BEGIN", "begin transaction", "START TRANSACTION", "Begin Work"]);
    const commit = random.pick([
      "COMMIT",
      "commit work",
      "END",
      "end transaction",
      "COMMIT AND NO CHAIN",
    ]);
    const shapes: (readonly [number, () => string])[] = [
      [30, some],
      [6, () => this.#commits("a pair around", `${begin};\n${some()};\n${commit};\n`)],
      [
        6,
        () =>
          this.#commits(
            "a pair around, in pieces",
            `${begin};\n${mark}\n${some()};${mark}\n${commit}`,
          ),
      ],
      [
        4,
        () =>
          this.#commits("pair with modes", `${begin} READ WRITE;\n${mark}\n${some()};\n${commit};`),
      ],
      [8, () => this.#commits("COMMIT, CONCURRENTLY", this.#concurrently(commit))],
      [6, () => this.#commits("COMMIT, CALL", this.#batch(commit))],
      [
        6,
        () =>
          this.#commits(
            "COMMIT, BEGIN",
            `${commit};\n${mark}\n${begin};${mark}\n${some()};\n${commit};`,
          ),
      ],
      [
        5,
        () =>
          this.#commits(
            "COMMIT in the middle",
            `${some()};\n${commit};\n${some()};\n${mark}\n${some()}`,
          ),
      ],
      [
        3,
        () =>
          this.#inBlock("COMMIT AND CHAIN", `${some()};\nCOMMIT AND CHAIN;\n${mark}\n${some()}`),
      ],
      [
        3,
        () =>
          this.#commits(
            "BEGIN behind statements",
            `${some()};\n${begin};\n${some()};\n${mark}\n${commit};\n${mark}\n${some()}`,
          ),
      ],
      [
        3,
        () =>
          this.#inBlock(
            "savepoint",
            `SAVEPOINT s;\n${some()};\n${mark}\n${random.pick(["RELEASE s", "RELEASE SAVEPOINT S"])};`,
          ),
      ],
      [
        2,
        () =>
          this.#inBlock(
            "undone savepoint",
            `SAVEPOINT s;\n${mark}\nCREATE TABLE undone (id int);\n${mark}\nROLLBACK TO SAVEPOINT s;\n${mark}\n${some()}`,
          ),
      ],
      [
        2,
        () => {
          if (this.#hasCommitted) return some();
          return this.#shape("SET LOCAL", this.#join(made.settingAndTable(true)));
        },
      ],
      [2, () => this.#shape("SET", this.#join(made.settingAndTable(false)))],
      [
        3,
        () =>
          this.#commits(
            "COMMIT, SET LOCAL",
            `${commit};\n${mark}\n${made.settingAndTable(true).join(`;\n${mark}\n`)}`,
          ),
      ],
      [
        3,
        () =>
          this.#commits(
            "COMMIT, SET, CONCURRENTLY",
            `${commit};${mark}\nSET lock_timeout = 0;${mark}\n${made.concurrently()};${mark}\nSET lock_timeout = '5s';`,
          ),
      ],
      [
        2,
        () =>
          this.#shape(
            "only comments",
            `-- Custom SQL migration file, put your code below! --\n${random.pick(["", mark, "/* ; */"])}`,
          ),
      ],
      [
        1.5,
        () =>
          this.#shape(
            "ROLLBACK",
            `${some()};\n${mark}\n${random.pick(["ROLLBACK", "ABORT", "PREPARE TRANSACTION 'p'"])};\n${some()}`,
          ),
      ],
      [
        1,
        () =>
          this.#shape(
            "savepoint of another transaction",
            `SAVEPOINT s;\n${commit};\n${mark}\n${some()};\n${mark}\nRELEASE s;`,
          ),
      ],
      [1, () => this.#shape("two halves", made.view().join(`\n${mark}\n`))],
      [
        0.5,
        () => this.#shape("an open string", `COMMENT ON COLUMN ${"pg_class"}.x IS 'a${mark}\n';`),
      ],
      [
        1,
        () =>
          this.#past(
            "CONCURRENTLY in a transaction",
            `${some()};\n${mark}\n${made.concurrently()};`,
          ),
      ],
      [
        1,
        () =>
          this.#past(
            "breakpoint in a block",
            `DO $$ BEGIN\n${mark}\nNULL; END $$;\n${mark}\n${some()}`,
          ),
      ],
      [
        1,
        () =>
          made.hasEnum()
            ? this.#past("enum value in use", made.enumValueInUse().join(`;\n${mark}\n`))
            : some(),
      ],
      [
        1,
        () =>
          this.#past(
            "modes behind a query",
            `${begin} ISOLATION LEVEL SERIALIZABLE;\n${some()};\n${commit};`,
          ),
      ],
      [
        1,
        () =>
          made.hasEnum()
            ? this.#commits(
                "COMMIT, enum value in use",
                made.enumValueInUse().join(`;\n${mark}\n${commit};\n${mark}\n`),
              )
            : some(),
      ],
    ];
    return random.weighted(shapes)();
  }

  #concurrently(commit: string): string {
    const before = this.#random.chance(0.5) ? `${this.#join(this.#statements.some(2))};\n` : "";
    const index = this.#statements.concurrently();
    const after = this.#random.chance(0.5)
      ? `;\n${mark}\n${this.#join(this.#statements.some(2))}`
      : ";";
    return `${before}${commit};${mark}\n${index}${after}`;
  }

  #batch(commit: string): string {
    const [procedure, call] = this.#statements.batch();
    const block = "DO $$ BEGIN COMMIT; PERFORM 1; END $$";
    return [procedure, commit, call, ...(this.#random.chance(0.5) ? [block] : [])].join(
      `;\n${mark}\n`,
    );
  }

  #join(statements: readonly string[]): string {
    return statements.reduce((text, next) => {
      const between = this.#random.pick(separators);
      // A comment to the end of its line may stand before it.
      return `${text}${text.endsWith("\n") ? between.trimStart() : between}${next}`;
    });
  }

  #shape(name: string, sql: string): string {
    this.#shapes.push(name);
    return sql;
  }

  /** Drizzle's transaction is over with it, for all that is applied in the same run. */
  #commits(name: string, sql: string): string {
    this.#hasCommitted = true;
    return this.#shape(name, sql);
  }

  /** It needs a transaction, which ds begins for each migration. */
  #inBlock(name: string, sql: string): string {
    return this.#hasCommitted ? this.#past(name, sql) : this.#shape(name, sql);
  }

  /** Drizzle cannot apply it. */
  #past(name: string, sql: string): string {
    this.#beyond.push(name);
    return this.#shape(name, sql);
  }
}
