DROP INDEX "items_organization_id_index";--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "priority" smallint DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "due_on" date;--> statement-breakpoint
CREATE INDEX "items_organization_id_due_on_index" ON "items" USING btree ("organization_id","due_on");