// biome-ignore-all format: one word a line would make this file ten times as long

/**
 * Vocabulary of the staging data. Nobody real: mail domains end in `.example`, phones are 555-01xx. First
 * names are none that masks use, so whatever is left of production after a refresh can be told.
 */

export const FIRST_NAMES = [
  "Aisha", "Amir", "Anaïs", "Beatriz", "Björn", "Carlos", "Chloé", "Daniel", "Defne", "Emily",
  "Fatima", "Grace", "Hiroshi", "Imani", "Jamal", "Jürgen", "Kofi", "Liv", "Marisol", "Mei", "Naveen",
  "Niamh", "Olga", "Priya", "Quinn", "Rashid", "Sana", "Tomás", "Uma", "Yuki", "Zoë",
] as const;

export const LAST_NAMES = [
  "Abebe", "Andersen", "Bauer", "Castro", "Dubois", "Eriksen", "Fischer", "García", "Haddad",
  "Ivanova", "Jansen", "Kaur", "Kimura", "Laurent", "Mbeki", "Müller", "Nguyen", "O'Brien",
  "Okafor", "Pereira", "Quist", "Rossi", "Sato", "Silva", "Tanaka", "Usman", "Vargas", "Weiss",
  "Yılmaz", "Zhang",
] as const;

export const COMPANY_NAMES = [
  "Alder", "Basalt", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper",
  "Kestrel", "Lantern", "Meridian", "Nimbus", "Orchard", "Prairie", "Quarry", "Ridge", "Summit",
  "Tundra",
] as const;

export const COMPANY_FORMS = [
  "Analytics", "Foods", "Health", "Labs", "Logistics", "Works",
] as const;

export const TIMEZONES = [
  "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Africa/Lagos", "America/Sao_Paulo",
] as const;

export const BOARD_NAMES = [
  "Roadmap", "Bugs", "Onboarding", "Infrastructure", "Design", "Customer requests", "Releases",
  "Research", "Marketing site", "Mobile app",
] as const;

export const VERBS = [
  "Fix", "Add", "Remove", "Document", "Speed up", "Review", "Rename", "Test", "Migrate", "Simplify",
] as const;

export const SUBJECTS = [
  "the invoice export", "password reset", "the search results", "avatar upload", "the audit log",
  "e-mail notifications", "keyboard shortcuts", "the billing page", "CSV import", "single sign-on",
  "the weekly report", "rate limits", "the sidebar", "time zone handling", "webhook retries",
] as const;

export const CIRCUMSTANCES = [
  "for large accounts", "on slow networks", "in the mobile app", "for new members", "after sign-up",
  "when offline", "in Safari", "before the release", "for guests", "on the first load",
] as const;

export const SENTENCES = [
  "A customer reported this on Friday; support has the details.",
  "It works on a fresh account but not on an older one.",
  "We agreed to keep the current behaviour for existing boards.",
  "The numbers on the dashboard do not match the export.",
  "Please check the translation of the confirmation text as well.",
  "Blocked until the new permissions are in place.",
  "I could reproduce it twice, always after switching organizations.",
  "Let's ship the small version first and measure.",
  "The log shows a timeout after thirty seconds.",
  "Screenshots are in the shared folder, path C:\\exports\\march.", "Looks good to me.",
  "Could you take another look at the empty state?",
] as const;

export const FILE_NAMES = [
  "screenshot.png", "signature.pdf", "call notes.txt", "export.csv", "recording.mov",
] as const;

export const COMPONENTS = [
  "api", "web", "ios", "android", "billing", "search",
] as const;
