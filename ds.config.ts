import { defineConfig } from "@devstride/ds";

export default defineConfig({
  project: "devstride",
  stages: {
    dev: {},
    prod: { project: "devstride-prod" },
  },
  database: "neondb",
  role: "neondb_owner",
  migrations: { folder: "backend/drizzle" },
  envFile: { path: ".env", url: "DATABASE_URL", unpooledUrl: "DATABASE_URL_UNPOOLED" },
  stageVariable: "DEVSTRIDE_STAGE",
  seed: { command: "npm run --silent seed -- --size {size}", cwd: "backend", size: "small" },
  processes: {
    backend: { command: "npm run --silent dev", cwd: "backend", port: 3000 },
  },
});
