import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/modules/*/infrastructure/persistence/*.sql-entity.ts',
  out: './drizzle',
});
