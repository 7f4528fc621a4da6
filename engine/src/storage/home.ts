import { join } from "node:path";

/**
 * Where everything of one engine lives. Secrets are 0600 files; the directories above the data are
 * 0700, or 0711 when we are root, because Postgres then runs under another uid and must pass through.
 *
 *     engine.json      address and pid of the engine that runs now
 *     settings.json    the port it keeps, the id of this home, its volume
 *     api-key          what clients must present
 *     api-keys.json    digests of the keys that were made with the API
 *     admin-password   of the superuser that only the engine uses
 *     engine.log       what the engine says; logs/<branch>.log what each Postgres says
 *     catalog/         what exists: see catalog.ts
 *     tls/             self-signed certificate for localhost
 *     postgres/<v>/    unpacked binaries
 *     postgres/trusted-<v>/  control files of extensions that owners may create: see trusted-extensions.ts
 *     extensions/<v>/  extensions that were added to a major version of Postgres: see extensions/io/store.ts
 *     data/            what is cloned; a volume of its own may be mounted here
 *       pgdata/<id>/     of branches and snapshots; what neither refers to is left over
 *       template/<v>/    a fresh cluster, cloned for each new project
 *       history/<id>/    base backups of the data directory with that id: see base-backups.ts
 *       replicas/<id>/   what read replicas run on, by endpoint; made again where it is missing: see replica-data.ts
 *       unfinished/<id>  empty: that data directory is being made, or removed from a history
 *       quarantine/<id>/ what no record refers to and no step accounts for: see quarantine.ts
 *       trash/           on its way out
 *     reserve          room for a start on a disk that is full: see reserve.ts
 *     quarantine/      records that a repair has replaced
 */
export class Home {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
  readonly file = (...parts: string[]) => join(this.path, ...parts);
  get engineFile() {
    return this.file("engine.json");
  }
  get settingsFile() {
    return this.file("settings.json");
  }
  get apiKeyFile() {
    return this.file("api-key");
  }
  get madeApiKeysFile() {
    return this.file("api-keys.json");
  }
  /** Room for a start on a disk that is full. */
  get reserveFile() {
    return this.file("reserve");
  }
  get logFile() {
    return this.file("engine.log");
  }
  get adminPasswordFile() {
    return this.file("admin-password");
  }
  get catalog() {
    return this.file("catalog");
  }
  get logs() {
    return this.file("logs");
  }
  get tls() {
    return this.file("tls");
  }
  get binaries() {
    return this.file("postgres");
  }
  get extensions() {
    return this.file("extensions");
  }
  get data() {
    return this.file("data");
  }
  get pgdata() {
    return this.file("data", "pgdata");
  }
  get templates() {
    return this.file("data", "template");
  }
  get history() {
    return this.file("data", "history");
  }
  /** Of each data directory that the catalog has given up and that is still there. */
  get dropped() {
    return this.file("catalog", "dropped");
  }
  get replicas() {
    return this.file("data", "replicas");
  }
  get unfinished() {
    return this.file("data", "unfinished");
  }
  get quarantine() {
    return this.file("data", "quarantine");
  }
  get quarantinedRecords() {
    return this.file("quarantine");
  }
  get trash() {
    return this.file("data", "trash");
  }
}
