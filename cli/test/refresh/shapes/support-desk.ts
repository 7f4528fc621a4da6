import { from, type Shape } from "./shape.ts";

/**
 * After the shape of a support desk on Rails (Chatwoot's): hardly a foreign key anywhere, `account_id` on nearly
 * every table, integer and bigint ids mixed, polymorphic senders and channels, enums as integers, tags
 * through a join table of types, a display number that is unique within an account.
 */
export const supportDesk: Shape = {
  schema: `
create extension if not exists pgcrypto;
create table accounts (
  id serial primary key, name varchar not null, locale integer default 0, domain varchar(100), support_email varchar(100),
  settings jsonb default '{}', created_at timestamp not null);
create table users (
  id serial primary key, provider varchar not null default 'email', uid varchar not null default '', encrypted_password varchar not null,
  name varchar not null, email varchar, pubsub_token varchar unique, custom_attributes jsonb default '{}', last_sign_in_ip varchar,
  message_signature text);
create unique index index_users_on_uid_and_provider on users (uid, provider);
create index index_users_on_email on users (lower(email));
create table account_users (
  id bigserial primary key, account_id bigint, user_id bigint, role integer default 0, inviter_id bigint);
create unique index uniq_user_id_per_account_id on account_users (account_id, user_id);
create table channel_emails (
  id bigserial primary key, account_id integer not null, email varchar not null unique, imap_login varchar default '', imap_password varchar default '');
create table channel_apis (id bigserial primary key, account_id integer not null, webhook_url varchar, hmac_token varchar unique);
create table inboxes (
  id serial primary key, account_id integer not null, channel_id integer not null, channel_type varchar not null, name varchar not null,
  email_address varchar);
create table inbox_members (id serial primary key, user_id integer not null, inbox_id integer not null, unique (inbox_id, user_id));
create table contacts (
  id serial primary key, account_id integer not null, name varchar default '', email varchar, phone_number varchar, identifier varchar,
  additional_attributes jsonb default '{}', blocked boolean not null default false);
create unique index uniq_identifier_per_account_contact on contacts (identifier, account_id);
create unique index uniq_email_per_account_contact on contacts (email, account_id);
create index index_contacts_nonempty on contacts (account_id, email, phone_number, identifier) where email <> '' or phone_number <> '';
create table contact_inboxes (
  id bigserial primary key, contact_id bigint references contacts, inbox_id bigint references inboxes, source_id varchar not null,
  unique (inbox_id, source_id));
create table conversations (
  id serial primary key, account_id integer not null, inbox_id integer not null, status integer not null default 0, assignee_id integer,
  contact_id bigint, display_id integer not null, contact_inbox_id bigint, uuid uuid not null default gen_random_uuid(),
  additional_attributes jsonb default '{}', snoozed_until timestamp, unique (account_id, display_id), unique (uuid));
create table messages (
  id serial primary key, content text, account_id integer not null, inbox_id integer not null, conversation_id integer not null,
  message_type integer not null, private boolean not null default false, sender_type varchar, sender_id bigint,
  content_attributes json default '{}', external_source_ids jsonb default '{}', processed_message_content text);
create index on messages using gin (external_source_ids);
create table attachments (
  id serial primary key, file_type integer default 0, external_url varchar, message_id integer not null, account_id integer not null,
  fallback_title varchar);
create table labels (id bigserial primary key, title varchar, description text, account_id bigint, unique (title, account_id));
create table tags (id serial primary key, name varchar unique, taggings_count integer default 0);
create table taggings (
  id serial primary key, tag_id integer, taggable_type varchar, taggable_id integer, tagger_type varchar, tagger_id integer,
  context varchar(128), unique (tag_id, taggable_id, taggable_type, context, tagger_id, tagger_type));
create table installation_configs (id bigserial primary key, name varchar not null unique, serialized_value jsonb not null default '{}');
create table schema_migrations (version varchar primary key);
`,
  fill: {
    root: "accounts",
    tenantColumns: ["account_id"],
    tenants: 3,
    rows: 7,
    references: {
      "account_users.user_id": "users.id",
      "inboxes.channel_id": "channel_emails.id",
      "inbox_members.user_id": "users.id",
      "inbox_members.inbox_id": "inboxes.id",
      "conversations.inbox_id": "inboxes.id",
      "conversations.assignee_id": "users.id",
      "conversations.contact_id": "contacts.id",
      "messages.inbox_id": "inboxes.id",
      "messages.conversation_id": "conversations.id",
      "messages.sender_id": "contacts.id",
      "attachments.message_id": "messages.id",
      "taggings.tag_id": "tags.id",
      "taggings.taggable_id": "conversations.id",
    },
    always: [
      "account_users.account_id",
      "account_users.user_id",
      "labels.account_id",
      "contact_inboxes.contact_id",
      "contact_inboxes.inbox_id",
      "taggings.tag_id",
      "taggings.taggable_id",
    ],
    values: {
      "inboxes.channel_type": () => "Channel::Email",
      "messages.sender_type": () => "Contact",
      "taggings.taggable_type": () => "Conversation",
      "taggings.context": () => "labels",
      "taggings.tagger_type": () => null,
      "taggings.tagger_id": () => null,
      "tags.name": (n) => `tag-${n}`,
      "*.provider": () => "email",
      "account_users.inviter_id": () => null,
      "conversations.contact_inbox_id": () => null,
    },
  },
  rules: `{
  ${from},
  tenant: { table: "accounts", column: "account_id", demo: "2" },
  tables: {
    users: "shared",
    account_users: { nullTenant: "skip" },
    labels: { nullTenant: "skip" },
    contact_inboxes: { via: "contact_id", nullTenant: "skip" },
    inbox_members: { via: "inbox_id" },
    tags: "shared",
    taggings: { where: "t.taggable_type = 'Conversation' and t.taggable_id in (select id from conversations where account_id::text = {tenant})" },
    installation_configs: "reference",
    schema_migrations: "skip",
  },
  references: {
    "account_users.user_id": { to: "users.id" },
    "account_users.inviter_id": { to: "users.id" },
    "inboxes.channel_id": { type: "channel_type", to: { "Channel::Email": "channel_emails.id", "Channel::Api": "channel_apis.id" } },
    "inbox_members.user_id": { to: "users.id" },
    "inbox_members.inbox_id": { to: "inboxes.id" },
    "conversations.inbox_id": { to: "inboxes.id" },
    "conversations.assignee_id": { to: "users.id" },
    "conversations.contact_id": { to: "contacts.id" },
    "messages.inbox_id": { to: "inboxes.id" },
    "messages.conversation_id": { to: "conversations.id" },
    "messages.sender_id": { type: "sender_type", to: { Contact: "contacts.id", User: "users.id" } },
    "attachments.message_id": { to: "messages.id" },
    "taggings.tag_id": { to: "tags.id" },
    "taggings.taggable_id": { type: "taggable_type", to: { Conversation: "conversations.id", Contact: "contacts.id" } },
  },
  columns: {
    "accounts.name": mask.name({ part: "company" }), "accounts.domain": mask.null(),
    "*.email": mask.email(), "*.support_email": mask.email(), "*.email_address": mask.email(),
    "users.uid": mask.token(), "*.provider": mask.keep(), "*.encrypted_password": mask.constant("x"),
    "users.name": mask.name(), "contacts.name": mask.name(), "*.pubsub_token": mask.token(), "*.last_sign_in_ip": mask.null(),
    "*.message_signature": mask.text(),
    "*.imap_login": mask.email(), "*.imap_password": mask.constant(""), "*.webhook_url": mask.url(), "*.hmac_token": mask.token(),
    "*.channel_type": mask.keep(), "inboxes.name": mask.text(), "*.phone_number": mask.phone(), "*.identifier": mask.token(),
    "*.source_id": mask.token(),
    "*.settings": mask.json(), "*.custom_attributes": mask.json(), "*.additional_attributes": mask.json(),
    "*.content_attributes": mask.json(), "*.external_source_ids": mask.json(),
    "*.content": mask.text(), "*.processed_message_content": mask.text(), "*.sender_type": mask.keep(),
    "*.external_url": mask.url(), "*.fallback_title": mask.text(),
    "labels.title": mask.text({ unique: true }), "*.description": mask.text(),
    "tags.name": mask.keep(), "*.taggable_type": mask.keep(), "*.tagger_type": mask.keep(), "*.context": mask.keep(),
    "installation_configs.name": mask.text({ unique: true }), "installation_configs.serialized_value": mask.json(),
  },
}`,
  whole: { reference: ["installation_configs"], skip: ["schema_migrations"] },
};
