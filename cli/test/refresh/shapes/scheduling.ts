import { from, type Shape } from "./shape.ts";

/**
 * After the shape of a scheduling product on Prisma (cal.com's): quoted names in both cases, text ids, enums,
 * unnamed join tables, tables outside of public, a team that is a child of an organization.
 */
export const scheduling: Shape = {
  schema: `
create schema auth;
create type "MembershipRole" as enum ('MEMBER', 'ADMIN', 'OWNER');
create type "BookingStatus" as enum ('cancelled', 'accepted', 'rejected', 'pending');
create domain "Email" as varchar(120);
create table "Organization" ("id" text primary key, "name" text not null, "logoUrl" text, "metadata" jsonb);
create table auth."User" (
  "id" text primary key, "username" text unique, "email" "Email" not null unique, "name" text, "bio" text, "timeZone" text not null,
  "avatarUrl" text, "metadata" jsonb, "movedToProfileId" integer);
create table auth."Account" (
  "id" text primary key, "userId" text not null references auth."User" on delete cascade on update cascade,
  "provider" text not null, "providerAccountId" text not null, "access_token" text, unique ("provider", "providerAccountId"));
create table "Membership" (
  "organizationId" text not null references "Organization" on update cascade, "userId" text not null references auth."User",
  "role" "MembershipRole" not null, "accepted" boolean not null default false, primary key ("userId", "organizationId"));
create table "Team" (
  "id" serial primary key, "organizationId" text not null references "Organization", "parentId" integer references "Team",
  "slug" text, "name" text not null, unique ("organizationId", "slug"));
create table "Schedule" ("id" serial primary key, "userId" text not null references auth."User", "name" text not null);
create table "EventType" (
  "id" serial primary key, "title" text not null, "slug" text not null, "length" integer not null, "teamId" integer not null references "Team",
  "ownerId" text references auth."User", "scheduleId" integer references "Schedule", "locations" jsonb, "recurring" jsonb,
  unique ("teamId", "slug"));
create table "Availability" (
  "id" serial primary key, "eventTypeId" integer references "EventType", "scheduleId" integer references "Schedule",
  "days" integer[], "startTime" time not null default '09:00', "date" date, check ("eventTypeId" is not null or "scheduleId" is not null));
create table "_HostsOfEvents" (
  "A" integer not null references "EventType" on delete cascade, "B" text not null references auth."User" on delete cascade);
create unique index "_HostsOfEvents_AB_unique" on "_HostsOfEvents" ("A", "B");
create index "_HostsOfEvents_B_index" on "_HostsOfEvents" ("B");
create table "Booking" (
  "id" serial primary key, "uid" text not null unique, "eventTypeId" integer not null references "EventType", "userId" text references auth."User",
  "title" text not null, "startTime" timestamp(3) not null, "status" "BookingStatus" not null default 'accepted', "fromReschedule" text,
  "responses" jsonb, "rescheduledId" integer references "Booking");
create table "Attendee" (
  "id" serial primary key, "email" "Email" not null, "name" text not null, "phoneNumber" text, "timeZone" text not null,
  "bookingId" integer references "Booking" on delete cascade);
create table "Payment" (
  "id" serial primary key, "uid" text not null unique, "bookingId" integer not null references "Booking", "amount" integer not null,
  "fee" numeric(8, 2), "currency" char(3) not null, "data" jsonb not null);
create table "App" ("slug" text primary key, "dirName" text not null unique, "categories" text[], "keys" jsonb);
`,
  fill: {
    root: "Organization",
    tenantColumns: ["organizationId"],
    tenants: 3,
    rows: 6,
    always: ["Availability.eventTypeId", "Attendee.bookingId"],
    values: {
      "*.timeZone": () => "Europe/Berlin",
      "*.startTime": (n) => `2025-03-01 0${n % 9}:00`,
      "Availability.startTime": () => "10:00",
      "*.currency": () => "eur",
      "*.provider": () => "google",
      "*.dirName": (n) => `dir${n}`,
    },
  },
  rules: `{
  ${from},
  tenant: { table: "Organization", column: "organizationId", demo: "" },
  tables: {
    "auth.User": "shared", "auth.Account": "skip", Schedule: "shared", App: "reference",
    Availability: { via: "eventTypeId", nullTenant: "skip" },
    Attendee: { via: "bookingId", nullTenant: "skip" },
  },
  columns: {
    "Organization.name": mask.name({ part: "company" }), "*.logoUrl": mask.url(), "*.avatarUrl": mask.url(),
    "*.metadata": mask.json(), "*.username": mask.text({ unique: true }), "*.email": mask.email(), "*.name": mask.name(),
    "*.bio": mask.text(), "*.timeZone": mask.keep(), "*.slug": mask.keep(), "*.title": mask.text(),
    "*.locations": mask.json(), "*.recurring": mask.json(), "*.uid": mask.token(), "*.fromReschedule": mask.null(),
    "*.responses": mask.json(), "*.phoneNumber": mask.phone(), "*.currency": mask.keep(), "*.data": mask.json(),
    "App.dirName": mask.keep(), "App.categories": mask.keep(), "App.keys": mask.json(),
  },
}`,
  whole: { reference: ["App"], skip: ["Account"] },
};
