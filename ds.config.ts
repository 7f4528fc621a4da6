import { defineConfig } from "@devstride/ds";

export default defineConfig({
  project: "devstride",
  stages: {
    dev: {},
    prod: {
      project: "devstride-prod",
      // Nobody has the production of a sample: on the local engine it is made when it is first needed.
      seed: {
        command: "npm run --silent seed -- --size {size} --first-id 500001",
        cwd: "backend",
        size: "60000",
      },
    },
  },
  database: "neondb",
  role: "neondb_owner",
  migrations: { folder: "backend/drizzle" },
  envFile: { path: ".env", url: "DATABASE_URL", unpooledUrl: "DATABASE_URL_UNPOOLED" },
  stageVariable: "DEVSTRIDE_STAGE",
  seed: { command: "npm run --silent seed -- --size {size}", cwd: "backend", size: "small" },
  infra: { folder: "infra" },
  processes: {
    backend: { command: "npm run --silent dev", cwd: "backend", port: 3000 },
  },
});
