/**
 * What exactly went wrong where an error's code covers several cases: what code decides by and tests assert,
 * so that no sentence is read for its words. Part of the interface (`--json` prints it): names are added, not
 * changed.
 */
export type ErrorReason =
  // Branches, stages and the API that has them

  /** The branch is protected. */
  | "BRANCH_PROTECTED"
  /** It is the project's default branch, or called main. */
  | "BRANCH_IS_DEFAULT"
  /** It has no parent. */
  | "BRANCH_IS_ROOT"
  /** Other branches fork from it. */
  | "BRANCH_HAS_CHILDREN"
  /** It has a set end, and so cannot become the default branch. */
  | "BRANCH_EXPIRES"
  /** It is a shared stage's, declared in ds.config.ts or protected. */
  | "BRANCH_IS_SHARED"
  /** Its name is not one that ds gives to a developer's branch. */
  | "NOT_OWN_BRANCH"
  /** The server serves another branch, or does not say which. */
  | "BRANCH_UNPROVEN"
  /** A branch of the project has the name already. */
  | "BRANCH_NAME_TAKEN"
  /** The owner has as many branches, or as much in them, as ds.config.ts allows. */
  | "OWNER_LIMIT"
  | "BRANCH_NOT_FOUND"
  /** The stage is one that others work with. */
  | "STAGE_IS_SHARED"
  /** Neither declared nor a name that ds gives to a personal stage. */
  | "STAGE_UNKNOWN"
  /** The env file names the stage of another worktree: it was copied from there. */
  | "ENV_FILE_OF_OTHER_WORKTREE"
  /** core.hooksPath is set for one worktree or command, and not for the repository. */
  | "HOOKS_PATH_NOT_SHARED"
  | "SNAPSHOT_NOT_FOUND"
  /** A snapshot of the project has the name already. */
  | "SNAPSHOT_NAME_TAKEN"
  /** Several snapshots have the name. */
  | "SNAPSHOT_NAME_AMBIGUOUS"
  /** A branch has the name, and so has a stage. */
  | "BRANCH_NAME_AMBIGUOUS"
  /** The checkout was pointed at no other branch before. */
  | "NOTHING_BEFORE"
  /** The folder is a copy of a worktree that git has elsewhere. */
  | "WORKTREE_IS_COPY"
  /** The branch of that name is another developer's, or of another worktree. */
  | "BRANCH_OF_OTHER_CHECKOUT"
  | "PROJECT_NOT_FOUND"
  /** Somebody else made a project of the name meanwhile. */
  | "PROJECT_NAME_TAKEN"
  /** Several projects have the name. */
  | "PROJECT_NAME_AMBIGUOUS"
  /** The project of the name is bound to another repository, or to another folder of this one. */
  | "PROJECT_OF_OTHER_REPOSITORY"
  /** The project of the name is there, and nothing shows that it is this repository's. */
  | "PROJECT_NOT_BOUND"
  /** Several repositories work with the project, and it is bound to none. */
  | "PROJECT_SHARED"
  /** The project is bound to what lay in this folder before, under another remote or first commit. */
  | "REPOSITORY_CHANGED"
  /** The branch has nothing to connect to. */
  | "ENDPOINT_NOT_FOUND"
  /** The branch has no database of that name. */
  | "DATABASE_EMPTY"
  | "DATABASE_NOT_FOUND"
  /** The branch's history does not reach to that moment. */
  | "OUTSIDE_HISTORY"
  /** Nothing of the branch's past is kept. */
  | "NO_HISTORY"
  /** The branch's Postgres cannot read its own log. */
  | "LOG_NOT_READABLE"
  /** The API is not the local engine's, which alone finds what was destroyed in a branch. */
  | "LOCAL_ENGINE_ONLY"
  /** The branch's log tells of no destruction, or of none by that transaction. */
  | "NO_DESTRUCTION"
  /** The branch never changed as a whole, or its recovery point is gone. */
  | "NOTHING_TO_UNDO"
  /** Nothing answers where the API should be. */
  | "API_UNREACHABLE"
  /** The API was reached, and gave no answer. */
  | "API_SILENT"
  /** The API says that it is not available right now. */
  | "API_UNAVAILABLE"
  /** The API took no more requests for now. */
  | "RATE_LIMITED"
  /** Another operation was running on the project for as long as was waited. */
  | "PROJECT_BUSY"
  /** The plan, or somebody's limit of it, allows no more. */
  | "PLAN_LIMIT"
  /** The API key belongs to several organizations, or names none, and nothing says which is meant. */
  | "ORGANIZATION_UNCLEAR"
  /** What should be an organization's id is none. */
  | "ORGANIZATION_INVALID"
  /** The project does not store the passwords of its roles. */
  | "PASSWORD_NOT_STORED"
  /** NEON_API_HOST is no URL. */
  | "API_HOST_INVALID"
  /** The key would travel as it is. */
  | "API_HOST_UNENCRYPTED"
  | "API_KEY_MISSING"
  /** The volume that holds the branches has no space left. */
  | "DISK_FULL"
  /** The API does not accept the key. */
  | "API_KEY_REJECTED"
  /** The API accepts the key, which may not do this. */
  | "API_KEY_FORBIDDEN"
  /** In CI no engine is started by itself. */
  | "NO_ENGINE_IN_CI"
  /** In CI secrets in files would be gone with the job. */
  | "FILE_SECRETS_IN_CI"
  /** No engine runs for this home. */
  | "ENGINE_NOT_RUNNING"
  /** A flag that the command cannot do without. */
  | "FLAG_MISSING"
  /** No branch, developer or stage can be called so. */
  | "NAME_INVALID"
  /** The developer's name would make a personal stage read like a shared one. */
  | "NAME_RESERVED"
  /** The moment is not written as one, or could be two. */
  | "MOMENT_UNCLEAR"
  | "MOMENT_IN_FUTURE"

  // Pulumi
  /** There is a stack of the name already. */
  | "STACK_EXISTS"
  /** Another update has the stack. */
  | "STACK_LOCKED"
  /** Pulumi has no passphrase for the stack's secrets, or a wrong one. */
  | "NO_PASSPHRASE"
  /** Pulumi is not logged in to a backend. */
  | "NO_PULUMI_LOGIN"
  /** Pulumi has failed with something else: `said` has its words. */
  | "PULUMI_FAILED"
  /** Pulumi's command line is not on this machine. */
  | "NO_PULUMI"

  // Configuration
  /** A configuration file has settings that are wrong: `settings` names them. */
  | "CONFIG_SETTINGS"
  /** A configuration file cannot be compiled: `places` says where. */
  | "CONFIG_NOT_COMPILED"
  /** A configuration file fails when it is evaluated. */
  | "CONFIG_NOT_EVALUATED"
  /** The file with the local engine's key is empty, or holds no key. */
  | "API_KEY_DAMAGED"
  /** At the API's address on this machine a program of another user's listens. */
  | "API_NOT_OWN"
  /** A configuration file, or its folder, belongs to another user. */
  | "CONFIG_NOT_OWN"
  /** There is no configuration file, and nothing that it could be inferred from. */
  | "NO_CONFIG"
  /** A drizzle config that has to be read cannot be used: `problem` says why. */
  | "DRIZZLE_CONFIG_UNUSABLE"

  // Cloud stages
  /** Which pull request a run of GitHub Actions is for is not certain. */
  | "NO_CERTAIN_PULL_REQUEST"
  /** The branch of this name was made for another stage. */
  | "BRANCH_OF_OTHER_STAGE"
  /** Somebody deleted the branch while it was being worked on. */
  | "BRANCH_DELETED_MEANWHILE"
  /** The secret of this name is another project's. */
  | "SECRET_OF_OTHER_PROJECT"
  /** The stack is in another backend than the one that Pulumi uses. */
  | "STACK_ELSEWHERE"
  /** All but the stack is gone. */
  | "STACK_LEFT"

  // The audit
  /** A row that is never offered, or that nothing says is stale: `blocker` in the error says which. */
  | "ROW_KEPT"
  /** It is not what it was when it was looked at: `removal` says what has changed. */
  | "ROW_CHANGED"
  /** What one source would have told, and would have to be known, is not: `source` says which. */
  | "SOURCE_UNKNOWN"
  /** A source has not answered in the time that it is given. */
  | "SOURCE_SILENT"

  // Secrets
  /** AWS is not told a region. */
  | "NO_AWS_REGION"

  // Git and GitHub
  /** This is no git checkout. */
  | "NO_CHECKOUT"
  /** Git is not on this machine. */
  | "NO_GIT"

  // Migrations: why nothing was run.
  /** The migrations folder has problems; each has a reason of its own, in the error's `problems`. */
  | "FOLDER_INVALID"
  /** There is no migrations folder where it should be. */
  | "FOLDER_MISSING"
  /** The folder's migrations are another tool's than Drizzle's. */
  | "FOLDER_OF_OTHER_TOOL"
  /** The project's migrations are another tool's, whose command ds runs. */
  | "MIGRATIONS_OF_OTHER_TOOL"
  /** The project has no migrations, or none that ds runs. */
  | "NO_MIGRATIONS"
  /** ds.config.ts names no command that says whether migrations are pending. */
  | "MIGRATIONS_UNKNOWN"
  /** The command that applies migrations, or looks at them, has failed: `status` is its exit status. */
  | "MIGRATION_COMMAND_FAILED"
  /** The shell does not find that command. */
  | "MIGRATION_COMMAND_MISSING"
  /** A file was edited after it was applied. */
  | "MIGRATION_EDITED"
  /** A file was edited after a part of it was run. */
  | "MIGRATION_EDITED_MIDWAY"
  /** A migration is older than applied ones, on a shared stage or in CI. */
  | "MIGRATION_LATE"
  /** The database has migrations that the checkout has not, and --strict was given. */
  | "DATABASE_AHEAD"
  /** A file is not UTF-8. */
  | "NOT_UTF8"
  /** A file undoes or prepares the transaction that it is run in, or goes back to a savepoint of another one. */
  | "TRANSACTION_CONTROL"
  /** Two new migrations have the same time in the journal. */
  | "SAME_TIME"
  /** Two snapshots follow the same one. */
  | "SNAPSHOTS_FORKED"
  /** The ledger's table is not one of Drizzle's. */
  | "LEDGER_FOREIGN"
  /** Whether a statement outside of transactions was carried out cannot be told. */
  | "OUTCOME_UNCLEAR"
  /** Postgres 18's grammar does not accept the file, so that it cannot be planned. */
  | "NOT_PARSED"
  /** What was to be written anew was edited or applied since it was looked at. */
  | "CHANGED_MEANWHILE"
  /** A file for a later deployment is there already, with another text. */
  | "LATER_FILE_THERE"

  // Migrations: the drizzle config beside ds.config.ts.
  /** It names another ledger. */
  | "LEDGER_DIFFERS"
  /** It cannot be used, and the ledger has no row that would say that it is the right one. */
  | "LEDGER_UNCERTAIN"

  // Migrations: what stopped a run.
  /** Another session holds the migration lock. */
  | "MIGRATION_LOCKED"
  /** Another session has locked the ledger's table. */
  | "LEDGER_LOCKED"
  /** Another session holds a lock that a statement needs. */
  | "TABLE_LOCKED"
  /** The migration and another session waited for each other. */
  | "DEADLOCKED"
  /** The connection to the database was lost. */
  | "CONNECTION_LOST"
  /** The server refuses to read or make the ledger. */
  | "LEDGER_REFUSED"
  /** The role may not make the schema in which ds keeps its notes. */
  | "OWN_SCHEMA_REFUSED"
  /** The statements succeeded, the note of it in the ledger did not. */
  | "LEDGER_NOT_WRITTEN"
  /** A statement of the file ended the transaction that it was run in. */
  | "TRANSACTION_ENDED"

  // Migrations: why a statement failed, where there is advice for it.
  /** It may not be part of a transaction. */
  | "NOT_IN_TRANSACTION"
  /** It uses a value of an enum that is not committed yet. */
  | "ENUM_VALUE_UNCOMMITTED"
  /** The server cancelled it. */
  | "STATEMENT_CANCELLED"
  /** Nothing can be written: the database, role or session is read-only. */
  | "READ_ONLY"
  /** What it makes is there already. */
  | "ALREADY_EXISTS"
  /** Rows violate the constraint. */
  | "ROWS_VIOLATE"
  /** The server does not have the extension that it creates. */
  | "EXTENSION_MISSING"
  /** It uses a type of an extension that no migration has created. */
  | "EXTENSION_NOT_CREATED"
  /** COPY has no standard input to read. */
  | "COPY_FROM_STDIN"
  /** It is a command of psql. */
  | "PSQL_COMMAND"

  // Migrations: corrections of the ledger.
  /** The migration is recorded as applied already. */
  | "ALREADY_APPLIED"
  /** The migration is not recorded as applied. */
  | "NOT_APPLIED"
  /** The file is what was applied. */
  | "NOT_EDITED"
  /** The folder has no such migration. */
  | "NO_SUCH_MIGRATION"
  /** The name could be any of several migrations. */
  | "AMBIGUOUS_MIGRATION"
  /** The ledger has rows, so that there is nothing to baseline. */
  | "LEDGER_NOT_EMPTY"
  /** The migrations folder is empty. */
  | "FOLDER_EMPTY"

  // Migrations: generate, rebase, conflicts, rehearsal.
  /** The generator asked a question, and nobody can answer. */
  | "GENERATOR_ASKED"
  /** The generator failed, or wrote nothing and complained. */
  | "GENERATOR_FAILED"
  /** The generator wrote a file that no journal lists. */
  | "NOT_IN_JOURNAL"
  /** Statements that no generator writes would be lost. */
  | "STATEMENTS_LOST"
  /** What was generated makes another schema than the two sides' migrations, or fails. */
  | "SCHEMA_DIFFERS"
  /** Git refs are in conflict with this checkout's migrations. */
  | "MIGRATIONS_CONFLICT"
  /** Git knows no branch, tag or commit of this name. */
  | "GIT_REF_UNKNOWN"
  /** The project's rule asks for the rehearsal that a flag leaves out. */
  | "REHEARSAL_REQUIRED"

  // Programs that are asked.
  /** git cannot read the checkout. */
  | "GIT_FAILED"
  /** gh, or GitHub's API, does not answer, or not with what it was asked for. */
  | "GITHUB_FAILED"
  /** GITHUB_REPOSITORY or GITHUB_API_URL is not what it should be. */
  | "GITHUB_SETTINGS_INVALID"
  /** No GITHUB_TOKEN, or no GITHUB_REPOSITORY. */
  | "GITHUB_TOKEN_MISSING"
  /** GitHub does not know the token. */
  | "GITHUB_TOKEN_REFUSED"
  /** The token has no right to this. */
  | "GITHUB_FORBIDDEN"
  | "GITHUB_NOT_FOUND"
  /** GitHub takes no more requests for longer than one wants to wait. */
  | "GITHUB_RATE_LIMITED"
  /** What was to be published has a secret in it. */
  | "SECRET_IN_COMMENT"

  // A refresh of the staging data.
  /** What speaks against the copy is in `details.problems`. */
  | "PLAN_REFUSED"
  /** Production and main are one database. */
  | "SAME_DATABASE"
  /** The source does not answer as production does. */
  | "NOT_PRODUCTION"
  /** No row of the tenant table has the key. */
  | "ORGANIZATION_NOT_FOUND"
  /** Several rows of the tenant table have the key. */
  | "ORGANIZATION_AMBIGUOUS"
  /** The key is none of the column's type. */
  | "ORGANIZATION_INVALID"
  /** No table looks like that of the organizations. */
  | "NO_TENANT_TABLE"
  /** What is to be explained is no table, or no column, of production. */
  | "NO_SUCH_COLUMN"
  | "NO_SUCH_TABLE"
  /** Rows cannot be written as they are, as the other side has columns that they have no values for. */
  | "ROWS_NEED_SCHEMA"
  /** No statements make the one schema the other. */
  | "SCHEMA_NOT_EXPRESSIBLE"
  /** Statements that make one schema the other failed on a copy, or left a difference there. */
  | "MIGRATION_UNPROVEN"
  /** Somebody else refreshes the same main. */
  | "REFRESH_RUNNING"
  /** Main got migrations while its new data was being put together. */
  | "MIGRATED_MEANWHILE"
  /** Row-level security hides rows from the role that reads. */
  | "ROW_SECURITY"
  /** The role may not do what is needed. */
  | "PERMISSION_DENIED"
  /** The server ended a statement or a session by itself. */
  | "CANCELLED_BY_SERVER"
  /** A copied value does not fit its column. */
  | "VALUE_MISFIT"
  /** Copied rows violate a constraint. */
  | "CONSTRAINT_VIOLATED"
  /** A copied row refers to another organization's, or to a table that is left out. */
  | "CROSS_TENANT_REFERENCE"
  /** The copy holds other rows than it should, or unmasked values. */
  | "COPY_NOT_VERIFIED"
  /** Triggers, indexes or constraints are not as they were before the load. */
  | "STATE_NOT_RESTORED"

  // Set-up, env file, seed
  /** The project has a ds.config.ts already. */
  | "CONFIG_EXISTS"
  | "PSQL_MISSING"
  /** The seed command ended with a failure of its own. */
  | "SEED_FAILED"
  /** The env file is a link that leads out of the checkout. */
  | "ENV_FILE_OUTSIDE"
  /** The env file's path is that of a folder. */
  | "ENV_FILE_IS_FOLDER"
  /** The env file is in another encoding than UTF-8. */
  | "ENV_FILE_NOT_UTF8"
  /** Git has the env file, which is to hold a password. */
  | "ENV_FILE_TRACKED"
  /** Git does not ignore the env file, and cannot be made to. */
  | "ENV_FILE_NOT_IGNORED"
  /** Somebody listens on the port that a configured process is to have. */
  | "PORT_TAKEN"
  /** ds.config.ts names no command that loads data. */
  | "SEED_MISSING"

  // Extensions of the local engine's Postgres; what the engine refuses has the engine's own names.
  /** No extension of that name was added. */
  | "EXTENSION_NOT_FOUND"
  /** Databases have the extension. */
  | "EXTENSION_IN_USE"
  /** The engine's Postgres takes no extensions from other folders than its own. */
  | "EXTENSIONS_UNSUPPORTED"
  /** What an extension is to be taken from cannot be read. */
  | "EXTENSION_SOURCE_UNREADABLE"
  /** The archive has files with paths outside of it, links, or far too much. */
  | "EXTENSION_SOURCE_UNSAFE"
  /** The file or folder does not have the extension, or not all of it. */
  | "EXTENSION_NOT_IN_SOURCE"
  /** Only a superuser could create the extension. */
  | "EXTENSION_NOT_TRUSTED"
  /** Postgres cannot load or create the extension. */
  | "EXTENSION_UNUSABLE"
  /** What was named as the bin directory of a PostgreSQL is none, of another version, or others can write to it. */
  | "POSTGRES_UNUSABLE"
  /** Projects have this version of PostgreSQL. */
  | "PG_VERSION_IN_USE"
  /** ds does not know where to fetch the extension from. */
  | "EXTENSION_SOURCE_UNKNOWN"
  /** The package index does not answer, or does not have the file. */
  | "EXTENSION_INDEX"
  /** What was fetched is not the file that ds knows. */
  | "EXTENSION_HASH"

  // The service that starts the local engine.
  /** A unit of that name is there which ds has not written. */
  | "SERVICE_FOREIGN"
  /** systemd or launchd refused. */
  | "SERVICE_REFUSED"

  // What every command reads.
  /** Files of the home are missing or wrong; the engine does not start on it. */
  | "HOME_DAMAGED"
  /** Where a file should be is something else: a named pipe, a folder, a dangling link. */
  | "NOT_A_REGULAR_FILE"
  /** bindings.json of the home is damaged. */
  | "BINDINGS_UNREADABLE"
  /** DS_HOME is a relative path. */
  | "HOME_NOT_ABSOLUTE"
  /** Neither DS_HOME nor HOME is set. */
  | "HOME_UNKNOWN"
  | "NOT_A_DURATION"
  | "NOT_A_CONNECTION_URL"
  /** The address is a connection pooler's. */
  | "POOLED_ADDRESS"

  // SQL of an agent's
  /** The text is no statement, or several. */
  | "NOT_ONE_STATEMENT"
  /** Each call is a session of its own, in which a transaction cannot go on. */
  | "TRANSACTION_PER_CALL"
  /** The branch may be read only, and the statement is no query. */
  | "NOT_A_QUERY"
  /** The stage is production's, or in another project than the checkout's branches. */
  | "PRODUCTION_OUT_OF_REACH"
  /** A row is larger than what is read. */
  | "RESULT_TOO_LARGE"
  /** A command of `ds agent exec` runs on the branch. */
  | "AGENT_RUNNING"
  /** The branch is an agent's, and would lose the role that its command logs in as. */
  | "AGENT_BRANCH"
  /** The agent's role cannot be made on the branch. */
  | "AGENT_ROLE_REFUSED"
  /** A file to be written is a link that leads out of the repository. */
  | "FILE_OUTSIDE"
  /** The program of a command cannot be started. */
  | "PROGRAM_NOT_STARTED"
  /** The command ended without the document that it should have printed. */
  | "NO_DOCUMENT";
