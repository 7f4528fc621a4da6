import { defineConfig, mask } from "@devstride/ds";

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
  // What `ds db refresh-staging` copies from production, and what becomes of personal data on the way.
  refresh: {
    from: "prod",
    tenant: { table: "organizations", column: "organization_id", demo: "org_demo" },
    tables: {
      // A person may be a member of several organizations: only those arrive whom a row here refers to.
      users: "shared",
      plans: "reference",
    },
    references: {
      "attachments.subject_id": {
        type: "subject_type",
        to: { item: "items.id", comment: "comments.id" },
      },
    },
    columns: {
      "users.full_name": mask.name(),
      "*.email": mask.email(),
      "*.phone": mask.phone(),
      "organizations.name": mask.name({ part: "company" }),
      "organizations.billing_email": mask.email(),
      "organizations.settings": mask.keep(),
      "plans.name": mask.keep(),
      "boards.name": mask.keep(),
      "items.title": mask.keep(),
      "items.description": mask.text(),
      "items.custom_fields": mask.json({ contact: mask.email() }, { others: "keep" }),
      "comments.body": mask.text(),
      "attachments.file_name": mask.text(),
      "attachments.uploaded_from": mask.ip(),
      "notifications.payload": mask.json({
        "actor.name": mask.name(),
        "actor.email": mask.email(),
        itemTitle: mask.keep(),
      }),
    },
  },
});
