/** A type of Postgres', and values of it: SQL on `n`, which is from 1 on and another one for each value. */
export interface PgType {
  type: string;
  value: string;
  /** `btree`: its values can be unique. */
  unique: boolean;
  /** Its values mean something on their own server only. */
  ofOneServer?: boolean;
}

const words = "'Qzreal text ' || n";
const day = "date '1990-01-01' + n::int * 40";
const range = (of: string) => `${of}(n * 10, n * 10 + 5)`;
const times = (of: string, cast: string) => `${of}((${day})::${cast}, (${day} + 3)::${cast})`;
const of = (unique: boolean, types: Record<string, string>): PgType[] =>
  Object.entries(types).map(([type, value]) => ({ type, value, unique }));

/** What types of its own the schema makes. */
export const typesSql = `
  create type mood as enum ('sad', 'ok', 'happy', 'wild', 'calm', 'tired', 'keen', 'bored');
  create type place as (street text, zip varchar(5));
  create type span as range (subtype = text);
  create domain mail as text check (value ~ '@');
  create domain positive as int check (value > 0);
  create domain even as positive check (value % 2 = 0);
  create domain tags as text[];
`;

/** @param extensions those that the server has */
export const pgTypes = (extensions: readonly string[]): PgType[] => [
  ...of(true, {
    smallint: "1000 + n",
    integer: "100000 + n",
    bigint: "491701234000 + n",
    numeric: "n * 1000.5",
    "numeric(8,2)": "n * 100.25",
    "numeric(24,3)": "n * 1000.125",
    real: "1000 + n * 1.5",
    "double precision": "1000 + n * 1.5",
    money: "(1000 + n)::money",
    text: words,
    "character varying(40)": words,
    "character varying(3)": "to_char(n, 'FM099')",
    "character(1)": "chr(64 + 1 + (n % 26)::int)",
    "character(8)": "to_char(10000000 + n, 'FM09999999')",
    name: words,
    '"char"': 'chr(64 + 1 + (n % 26)::int)::"char"',
    bytea: "sha256(n::text::bytea)",
    date: day,
    "time without time zone": "time '10:00' + n * interval '1 second'",
    "time with time zone": "timetz '10:00Z' + n * interval '1 second'",
    "timestamp without time zone": `(${day}) + time '10:11:12.5'`,
    "timestamp(0) with time zone": `((${day}) + time '10:11:12')::timestamptz`,
    "timestamp with time zone": `((${day}) + time '10:11:12.5')::timestamptz`,
    interval: "n * interval '1 day'",
    uuid: "md5(n::text)::uuid",
    jsonb: `jsonb_build_object('name', 'Qzreal ' || n, 'list', jsonb_build_array('Qzreal', n))`,
    inet: "inet '203.0.113.0' + n",
    cidr: "(inet '203.0.0.0' + n * 65536)::cidr",
    macaddr:
      "('02:00:00:00:' || to_char(n / 90, 'FM09') || ':' || to_char(n % 90, 'FM09'))::macaddr",
    macaddr8:
      "('02:00:00:00:00:00:' || to_char(n / 90, 'FM09') || ':' || to_char(n % 90, 'FM09'))::macaddr8",
    "bit(16)": "n::int::bit(16)",
    "bit varying(16)": "n::int::bit(16)::varbit",
    tsvector: "to_tsvector('simple', 'qzreal ' || n)",
    int4range: "int4range((n * 10)::int, (n * 10 + 5)::int)",
    int8range: range("int8range"),
    numrange: range("numrange"),
    daterange: times("daterange", "date"),
    tsrange: times("tsrange", "timestamp"),
    tstzrange: times("tstzrange", "timestamptz"),
    int4multirange: "int4multirange(int4range((n * 10)::int, (n * 10 + 5)::int))",
    datemultirange: `datemultirange(${times("daterange", "date")})`,
    "text[]": `array['Qzreal ' || n, null, 'x']`,
    "integer[]": "array[n, 100000]::int[]",
    "uuid[]": "array[md5(n::text)::uuid]",
    "date[]": `array[${day}]`,
    "numeric(6,2)[]": "array[n * 1.5]::numeric(6,2)[]",
    "jsonb[]": `array[jsonb_build_object('name', 'Qzreal ' || n)]`,
    "public.mood": "(enum_range(null::mood))[1 + (n - 1) % 8]",
    "public.mood[]": "array[(enum_range(null::mood))[1 + (n - 1) % 8], 'ok']::mood[]",
    "public.mail": "'qzreal' || n || '@x.test'",
    "public.positive": "100000 + n::int",
    "public.even": "100000 + n::int * 2",
    "public.tags": "array['Qzreal ' || n]",
    "public.place": "('(Qzreal ' || n || ',1)')::place",
    "public.place[]": "array[('(Qzreal ' || n || ',1)')::place]",
    "public.span": "span('a' || n, 'b')",
  }),
  ...of(false, {
    json: `json_build_object('name', 'Qzreal ' || n)`,
    jsonpath: "('$.qzreal' || n)::jsonpath",
    xml: "('<name>Qzreal ' || n || '</name>')::xml",
    point: "point(n, 2)",
    line: "line(point(n, 0), point(n, 1))",
    lseg: "lseg(point(n, 0), point(n, 1))",
    box: "box(point(n, 1), point(0, 0))",
    path: "('((' || n || ',0),(1,1))')::path",
    polygon: "('((' || n || ',0),(1,1),(1,0))')::polygon",
    circle: "circle(point(n, 2), 1)",
    tsquery: "to_tsquery('simple', 'qzreal' || n)",
  }),
  ...of(false, {
    oid: "(100000 + n)::oid",
    regclass: "'pg_class'::regclass",
    xid: "n::text::xid",
    xid8: "n::text::xid8",
    cid: "n::text::cid",
    tid: "('(' || n || ',1)')::tid",
    pg_lsn: "('0/' || n)::pg_lsn",
    pg_snapshot: "(n || ':' || n || ':')::pg_snapshot",
    txid_snapshot: "(n || ':' || n || ':')::txid_snapshot",
  }).map((each) => ({ ...each, ofOneServer: true })),
  ...Object.entries(ofExtensions).flatMap(([extension, types]) =>
    extensions.includes(extension) ? types : [],
  ),
];

const ofExtensions: Record<string, PgType[]> = {
  citext: of(true, { "public.citext": "'Qzreal ' || n" }),
  hstore: of(true, { "public.hstore": "hstore('name', 'Qzreal ' || n)" }),
  ltree: [
    ...of(true, { "public.ltree": "('qzreal.a' || n)::ltree" }),
    ...of(false, { "public.lquery": "('qzreal.a' || n)::lquery" }),
  ],
  isn: of(true, {
    "public.ean13": "'9780000000002'::ean13",
    "public.issn": "'1436-4522'::issn",
  }).map((each) => ({ ...each, unique: false })),
  cube: of(true, { "public.cube": "cube(n::float8)" }),
  seg: of(true, { "public.seg": "(n || '.0')::seg" }),
  vector: of(true, { "public.vector(3)": "('[' || n || ',2,3]')::vector" }),
};
