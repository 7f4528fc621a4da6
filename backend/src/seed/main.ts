import { parseArgs } from "node:util";
import { Client } from "pg";
import { readDatabaseUrl } from "../settings.ts";
import { loggable } from "../shared/errors.ts";
import { type LoadedTable, loadSeed } from "./load.ts";
import { parseFirstId, parseSize } from "./size.ts";

const USAGE = `Usage: npm run seed -- [--size small|medium|large|<rows>] [--first-id <id>] [--replace]

Loads deterministic staging data into the database of DATABASE_URL.

  --size     about 5 thousand rows (small, the default), 200 thousand (medium), 4 million (large,
             1 GB), or as many as you say
  --first-id where the ids of every table begin, 1 by default: data from another id on are other
             people, texts and numbers
  --replace  delete what the tables hold first`;

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`seed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      size: { type: "string", default: "small" },
      "first-id": { type: "string", default: "1" },
      replace: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const rows = parseSize(values.size);
  const firstId = parseFirstId(values["first-id"]);
  const client = new Client({
    connectionString: readDatabaseUrl(process.env),
    application_name: "backend seed",
    connectionTimeoutMillis: 30_000,
  });
  // Without a listener a connection that breaks between two queries would end the process unexplained.
  client.on("error", () => undefined);
  await client.connect().catch((error) => {
    const place = `${client.host}:${client.port}`;
    throw new Error(`Cannot connect to the database at ${place}: ${loggable(error)}.`);
  });
  try {
    const onProgress = (line: string) => console.error(line);
    console.log(
      summary(await loadSeed(client, { rows, firstId, replace: values.replace, onProgress })),
    );
  } finally {
    await client.end();
  }
}

function summary(tables: LoadedTable[]): string {
  const total: LoadedTable = { name: "total", rows: 0, bytes: 0 };
  for (const { rows, bytes } of tables) {
    total.rows += rows;
    total.bytes += bytes;
  }
  return [...tables, total]
    .map(({ name, rows, bytes }) => {
      const megabytes = (bytes / 1_000_000).toFixed(1);
      return `${name.padEnd(14)}${rows.toLocaleString("en").padStart(12)} rows${megabytes.padStart(10)} MB`;
    })
    .join("\n");
}
