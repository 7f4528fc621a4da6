import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectPostgres, withPostgres } from "../../../src/postgres/io/connect.ts";
import { draftTables } from "../../../src/refresh/init/propose.ts";
import { readCatalogue } from "../../../src/refresh/model/io/read-catalogue.ts";
import type { Shape } from "../../../src/refresh/model/observed.ts";
import { type Sampled, sampleColumns } from "../../../src/refresh/samples/io/sample-columns.ts";
import { shapedSql } from "../../../src/refresh/samples/shapes.ts";
import { type Unseen, unseenText } from "../../../src/refresh/samples/unseen.ts";
import { type PostgresServer, startPostgres } from "../../helpers/postgres-server.ts";

// What values look like, as the server itself finds it: in a database whose locale knows no letters but A to Z.

let server: PostgresServer;
let client: Client;
beforeAll(async () => {
  server = await startPostgres();
  client = await connectPostgres(server.adminUrl(), { what: "the server" });
  await client.query("create database plain template template0 encoding 'UTF8' locale 'C'");
  await client.end();
  client = await connectPostgres(server.adminUrl("plain"), { what: "the server" });
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
});

const examples: Partial<Record<Shape | "none", string[]>> = {
  email: ["jane@corp.example", "call Jane at jane.doe+x@corp.co.uk", "mailto:a@b.io?subject=x"],
  phone: [
    ...[
      "+49 30 901820",
      "(555) 123-4567",
      "020 7946 0958",
      "+919876543210",
      "06 12 34 56 78",
      "491701234000",
    ],
    ...[
      "reach her on 555-123-4567",
      "Tel. +33 1 42 68 53 00, evenings",
      "my number is 0171 2345678 thanks",
    ],
  ],
  link: [
    "https://app.example/reset?token=abcdef123456",
    "https://bucket.s3.amazonaws.com/a.pdf?X-Amz-Signature=abc123&X-Amz-Expires=60",
    "https://account.blob.core.windows.net/c/f?sv=2022&sig=dGVzdA%3D%3D",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXX1",
    "https://meet.example/j/8f14e45fceea167a5a36dedd4bea2543",
    "https://docs.example/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit",
    "postgres://user:hunter2@db.example/app",
    "see https://app.example/invite/Zx81kQ for the invitation",
    "https://app.example/share/6f9619ff-8b86-d011-b42d-00cf4fc964ff",
  ],
  url: [
    "https://www.example.com/pricing",
    "https://example.com/blog/how-to-write",
    "ftp://example.com/readme",
  ],
  ip: ["192.0.2.17", "2001:db8::1", "10.0.0.0/8"],
  uuid: ["6f9619ff-8b86-d011-b42d-00cf4fc964ff"],
  card: [
    "4111 1111 1111 1111",
    "5500-0000-0000-0004",
    "4242424242424242",
    "paid with 4111-1111-1111-1111 today",
    "3782 822463 10005",
  ],
  iban: [
    "DE89 3704 0044 0532 0130 00",
    "GB29NWBK60161331926819",
    "NO9386011117947",
    "please wire it to FR7630006000011234567890189",
  ],
  secret: [
    ...["sk_live_51H8xkZKq3b2", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "AKIAIOSFODNN7EXAMPLE"],
    ...[
      "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3",
      "$2b$12$KIXQ4S1YyqXb",
      "-----BEGIN PRIVATE KEY-----",
    ],
    ...[
      "9e107d9d372bb6826bd81d3542a419d6",
      "dGhpcyBpcyBhIHNlY3JldCBrZXk=",
      "JBSWY3DPEHPK3PXP",
      "Zm9vYmFyYmF6MTIzNDU2Nzg5MA",
    ],
    ...[
      "password: hunter2!",
      "the token is abc12345 for now",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
      "deadbeefdeadbeefdeadbeefdeadbeef",
    ],
    "{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3",
  ],
  name: [
    ...[
      "Jane Doe",
      "Doe, Jane",
      "J. R. Tolkien",
      "Ludwig van Beethoven",
      "Mary-Kate O'Brien",
      "Dr. Ada Lovelace",
      "JANE DOE",
    ],
    ...[
      "Łukasz Żółć",
      "Ødegård Åse",
      "Иванов Иван Иванович",
      "Иванов И. И.",
      "Γιώργος Παπαδόπουλος",
      "Nguyễn Văn Anh",
    ],
    ...[
      "王小明",
      "佐藤 花子",
      "김민준",
      "محمد علي",
      "דוד כהן",
      "राहुल शर्मा",
      "สมชาย ใจดี",
      "Frau Müller",
      "José da Silva",
    ],
    "McDonald Ronald",
  ],
  address: [
    ...[
      "12 Baker Street",
      "221B Baker St, London",
      "1600 Amphitheatre Parkway",
      "Hauptstraße 5",
      "Am Ring 3, 10115 Berlin",
    ],
    ...[
      "12 rue de la Paix, 75002 Paris",
      "Calle Mayor 10",
      "Via Roma 1, 00184 Roma",
      "Rua Augusta 1500",
      "Keizersgracht 12",
    ],
    ...[
      "ul. Marszałkowska 10, 00-950 Warszawa",
      "Drottninggatan 3",
      "улица Ленина, д. 5",
      "Atatürk Caddesi No: 12",
      "Jl. Sudirman 5",
    ],
    ...[
      "東京都千代田区1-1",
      "北京市朝阳区建国路93号",
      "서울시 강남구 테헤란로 123",
      "شارع التحرير 10",
      "רחוב הרצל 5",
      "〒100-0001",
    ],
    ...[
      "SW1A 1AA",
      "Springfield, IL 62704",
      "P.O. Box 123",
      "52.5200, 13.4050",
      "1012 AB Amsterdam",
      "8001 Zürich",
    ],
  ],
  person: [
    ...[
      "called Jane Doe at noon",
      "Dear Mr Lindqvist, about your case",
      "spoke with Jane about it",
      "Sehr geehrte Frau Müller,",
    ],
    ...[
      "the invoice was approved by Jane Doe yesterday",
      "Jane Doe wants her money back",
      "discharged to Dr. House",
    ],
    ...[
      "hi Jane, thanks for the call",
      "разговор с Иваном Петровым о договоре",
      "田中さんに電話しました",
      "reported by María de la Cruz",
    ],
    "assigned to Jane",
  ],
  prose: [
    "nothing in here is of anybody at all",
    "the quick brown fox jumps over the lazy dog",
    "请在收到货物后尽快确认订单并完成付款谢谢配合",
  ],
  file: ["%PDF-1.7"],
  none: [
    ...[
      "open",
      "in_progress",
      "EUR",
      "DE",
      "en-US",
      "Europe/Berlin",
      "v1.2.3",
      "2025-01-31",
      "42",
      "not started",
      "#ff0000",
    ],
    ...[
      "application/json",
      "UTC",
      "GET",
      "item.created",
      "free",
      "30 days",
      "Active",
      "2 of 3",
      "3.14159",
    ],
  ],
};

const cases = Object.entries(examples).flatMap(([shape, values]) =>
  (values ?? []).map((value) => [value, shape] as const),
);

test.each(["UTF8", "LATIN1"])("each shape, on a server with %s", async (encoding) => {
  if (encoding === "LATIN1") {
    const admin = await connectPostgres(server.adminUrl(), { what: "the server" });
    await admin.query("create database latin template template0 encoding 'LATIN1' locale 'C'");
    await admin.end();
    const latin = await connectPostgres(server.adminUrl("latin"), { what: "the server" });
    const { rows } = await latin.query(
      `select s.shape from ${shapedSql("(select 'Jane Doe'::text as v)")} s`,
    );
    await latin.end();
    expect(rows).toEqual([{ shape: "name" }]);
    return;
  }
  const { rows } = await client.query<{ shape: string | null }>(
    `select s.shape from unnest($1::text[]) with ordinality t(v, n)
       join ${shapedSql("(select distinct unnest($1::text[]) as v)")} s on s.v = t.v order by n`,
    [cases.map(([value]) => value)],
  );
  const found = cases.map(([value], at) => [value, rows[at]?.shape ?? "none"]);
  expect(found).toEqual(cases);
});

describe("columns", () => {
  let sampled: Sampled;
  beforeAll(async () => {
    await client.query(`
      create table organizations (id int primary key);
      create table notes (id int primary key, organization_id int not null references organizations, tags text[], deep text[][],
        data jsonb, list jsonb[], scan bytea, kind text, status text);
      create table silent (id int primary key, organization_id int not null, words text);
      create table hidden (id int primary key, organization_id int not null, words text);
      create table filtered (id int primary key, organization_id int not null, words text);
      create table locked (id int primary key, organization_id int not null, words text);
      insert into organizations select generate_series(1, 50);
      insert into notes select n, 1 + n / 240, array['plain', 'write to Jane Doe'], array[['a', 'jane@corp.example'], ['b', 'c']],
        jsonb_build_object('lines', jsonb_build_array(jsonb_build_object('who', 'Jane Doe', 'n', n)), 'kind', 'x', 'p' || n, 'called Mr Smith'),
        array[jsonb_build_object('iban', 'DE89370400440532013000')], convert_to('%PDF-1.7 ' || n, 'UTF8'), 'plain',
        case when n = 7777 then 'Jane Roe' when n % 2 = 0 then 'open' else 'closed' end
      from generate_series(1, 11999) n;
      insert into hidden values (1, 1, 'x'); insert into filtered values (1, 1, 'x'); insert into locked values (1, 1, 'x');
      alter table filtered enable row level security;
      analyze;
      create role reader login password 'reader';
      grant usage on schema public to reader;
      grant select on organizations, notes, silent, filtered, locked to reader;`);
    const url = Object.assign(new URL(server.adminUrl("plain")), {
      username: "reader",
      password: "reader",
    }).href;
    sampled = await withPostgres(url, { what: "the server" }, async (reader) => {
      await reader.query("begin read only");
      const catalogue = await readCatalogue(reader, { what: "it", without: [] });
      const draft = draftTables(catalogue);
      if (!draft) throw new Error("no tenant");
      await client.query("begin; lock table locked in access exclusive mode");
      return sampleColumns(reader, draft.schema, draft.tables);
    });
    await client.query("rollback");
  });

  test("arrays, JSON at any depth and bytes are looked into", () => {
    const of = (column: string) => sampled.observed[`notes.${column}`];
    expect(of("tags")).toMatchObject({ shapes: { person: 0.5 } });
    expect(of("deep")).toMatchObject({ shapes: { email: 0.25 } });
    expect(of("data")?.paths).toEqual({ "lines[].who": { name: 1 }, "*": { person: 1 } });
    expect(of("list")?.paths).toEqual({ iban: { iban: 1 } });
    expect(of("scan")?.shapes).toEqual({ file: 1 });
    expect(of("kind")?.shapes).toEqual({});
  });

  test("what one row of one tenant has is seen where few values would speak for a column", () => {
    expect(sampled.observed["notes.status"]?.shapes).toHaveProperty("name");
  });

  test("what could not be looked at is told, with the reason", () => {
    const byName = (one: Unseen, other: Unseen) => (one.of < other.of ? -1 : 1);
    expect(sampled.unseen.sort(byName)).toEqual([
      { of: "filtered", why: "ROW_SECURITY" },
      { of: "hidden", why: "NOT_READABLE" },
      { of: "locked", why: "LOCKED" },
      { of: "silent", why: "EMPTY" },
    ]);
    expect(unseenText(sampled.unseen)).toHaveLength(4);
  });
});
