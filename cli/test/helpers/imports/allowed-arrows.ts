/**
 * Who may import whom, subject by subject. A new line here is a decision: it has to point downwards in the
 * order of ARCHITECTURE.md. Not listed, as everybody may: `lib/` and `errors/`, and for what acts, `runtime/`.
 */
export type Arrows = Readonly<Record<string, string>>;

export const cliArrows: Arrows = {
  "agents/exec":
    "branches config engine migrations/run neon postgres postgres/schema processes stages",
  "agents/install": "config",
  "agents/mcp": "branches config engine migrations/run migrations/sql neon postgres stages",
  audit: "branches config deploy deploy/pulumi neon secrets stages",
  "audit/explorer": "audit",
  branches:
    "config engine neon postgres postgres/rows postgres/rows/statements postgres/schema postgres/schema/migration stages",
  commands: "agents/mcp app-context.ts completion doctor postgres setup",
  "commands/agent":
    "agents/exec agents/install agents/mcp app-context.ts postgres/rows postgres/schema",
  "commands/db":
    "app-context.ts audit audit/explorer branches config doctor/status engine migrations/check migrations/conflicts migrations/findings migrations/generate migrations/plan migrations/rehearsal migrations/resolve migrations/rewrite migrations/run neon postgres/prompt postgres/rows postgres/schema postgres/schema/migration refresh/arrives refresh/explain refresh/init refresh/plan refresh/run restore setup stages",
  "commands/db/snapshot": "app-context.ts branches restore",
  "commands/deploy": "app-context.ts deploy deploy/comment",
  "commands/engine": "app-context.ts engine engine/extensions engine/service",
  "commands/git": "app-context.ts doctor/status neon setup setup/hooks",
  "commands/local": "app-context.ts processes",
  completion: "config engine migrations/folder neon stages",
  config: "config/define config/schema repository",
  "config/schema": "config/define engine/extensions secrets",
  deploy:
    "branches config deploy/github deploy/pulumi migrations/folder migrations/ledger migrations/run neon postgres secrets stages",
  "deploy/comment":
    "config deploy deploy/github deploy/pulumi engine migrations/conflicts migrations/failure migrations/findings migrations/folder migrations/plan migrations/rehearsal migrations/run neon postgres postgres/schema stages",
  "deploy/github": "neon postgres",
  "deploy/pulumi": "config",
  "doctor/status": "branches config migrations/failure migrations/ledger neon postgres stages",
  doctor:
    "branches config engine engine/service migrations/folder migrations/ledger migrations/sql neon postgres setup/hooks stages",
  "engine/extensions": "engine",
  "engine/service": "engine",
  "migrations/check":
    "config engine migrations/conflicts migrations/findings migrations/findings/model migrations/folder migrations/plan migrations/run neon stages",
  "migrations/conflicts":
    "branches config engine migrations/failure migrations/folder migrations/ledger migrations/run neon postgres postgres/schema stages",
  "migrations/failure": "migrations/folder migrations/sql postgres",
  "migrations/findings/actions": "migrations/plan/locks migrations/sql postgres",
  "migrations/findings/model": "migrations/findings/actions migrations/plan/locks",
  "migrations/findings/probes": "migrations/findings/model postgres",
  "migrations/findings/rules/application":
    "migrations/findings/actions migrations/findings/probes migrations/findings/rules",
  "migrations/findings/rules/blocking":
    "migrations/findings/actions migrations/findings/model migrations/findings/rules postgres",
  "migrations/findings/rules/data-loss":
    "migrations/findings/actions migrations/findings/probes migrations/findings/rules postgres",
  "migrations/findings/rules/data":
    "migrations/findings/actions migrations/findings/model migrations/findings/probes migrations/findings/rules postgres",
  "migrations/findings/rules/style":
    "migrations/findings/actions migrations/findings/rules postgres",
  "migrations/findings/rules":
    "migrations/findings/actions migrations/findings/model migrations/findings/probes migrations/plan/locks postgres",
  "migrations/findings":
    "config migrations/findings/actions migrations/findings/model migrations/findings/probes migrations/findings/rules migrations/findings/rules/application migrations/findings/rules/blocking migrations/findings/rules/data migrations/findings/rules/data-loss migrations/findings/rules/style migrations/folder migrations/ledger migrations/plan/locks postgres",
  "migrations/folder": "config migrations/sql postgres",
  "migrations/generate":
    "branches config engine migrations/conflicts migrations/findings migrations/folder migrations/ledger migrations/sql neon postgres postgres/schema stages",
  "migrations/ledger":
    "config migrations/failure migrations/folder migrations/sql neon postgres stages",
  "migrations/plan":
    "config migrations/findings migrations/folder migrations/ledger migrations/plan/locks migrations/run migrations/sql postgres stages",
  "migrations/plan/locks": "migrations/sql postgres",
  "migrations/rehearsal":
    "branches config engine migrations/folder migrations/ledger migrations/run migrations/sql neon postgres postgres/rows stages",
  "migrations/resolve": "config migrations/folder migrations/ledger migrations/run postgres stages",
  "migrations/rewrite":
    "config migrations/findings migrations/findings/actions migrations/findings/model migrations/folder migrations/ledger migrations/plan migrations/plan/locks migrations/run migrations/sql postgres postgres/schema stages",
  "migrations/run":
    "config migrations/failure migrations/folder migrations/ledger migrations/sql postgres stages",
  "migrations/sql": "engine/extensions postgres",
  neon: "engine postgres",
  "postgres/prompt": "postgres",
  "postgres/rows": "postgres",
  "postgres/rows/statements": "postgres postgres/rows",
  "postgres/schema": "postgres",
  "postgres/schema/migration": "postgres postgres/schema",
  processes: "config migrations/folder migrations/ledger migrations/run postgres stages",
  "refresh/arrives": "config postgres refresh/masks refresh/model refresh/rules refresh/samples",
  "refresh/copy": "postgres refresh/model refresh/plan",
  "refresh/explain":
    "config config/define postgres refresh/copy refresh/init refresh/masks refresh/model refresh/plan refresh/rules refresh/rules/patterns refresh/run",
  "refresh/init":
    "branches config config/define engine migrations/run neon postgres refresh/copy refresh/masks refresh/model refresh/rules refresh/run refresh/samples stages",
  "refresh/masks": "config/define postgres refresh/model",
  "refresh/model": "config/define postgres",
  "refresh/plan":
    "config config/define postgres refresh/masks refresh/model refresh/rules refresh/samples",
  "refresh/rules":
    "config config/define postgres refresh/masks refresh/model refresh/rules/patterns",
  "refresh/rules/patterns": "refresh/model",
  "refresh/run":
    "branches config engine migrations/findings migrations/ledger migrations/run neon postgres refresh/arrives refresh/copy refresh/model refresh/plan restore setup stages",
  "refresh/samples": "postgres refresh/masks refresh/model refresh/rules",
  restore: "branches config engine migrations/run neon postgres stages",
  secrets: "postgres",
  "setup/hooks": "config",
  setup: "branches config engine engine/extensions migrations/run neon postgres stages",
  stages: "config neon postgres repository",
};

export const engineArrows: Arrows = {
  anonymization: "control-plane masking model postgres storage",
  api: "api/requests api/routes control-plane postgres serverless",
  "api/requests": "control-plane postgres",
  "api/responses": "control-plane model",
  "api/routes": "api/requests api/responses control-plane extensions model serverless",
  "control-plane":
    "extensions log-summaries masking model pitr pitr/destructions postgres postgres/versions proxy replicas storage under-way",
  extensions: "model postgres storage",
  lifecycle:
    "anonymization control-plane extensions model pitr postgres postgres/versions storage under-way",
  "log-summaries": "model",
  masking: "model postgres",
  pitr: "log-summaries model postgres storage",
  "pitr/destructions": "model pitr postgres",
  postgres: "model",
  "postgres/versions": "postgres",
  proxy: "model postgres",
  replicas: "model postgres storage",
  serverless: "control-plane postgres proxy",
  storage: "model postgres",
  "under-way": "model storage",
};
