import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { describeWith } from "../../../scripts/test-support/needs.ts";
import { openAwsSecrets } from "../../src/secrets/io/aws-store.ts";
import { openFileSecrets } from "../../src/secrets/io/file-store.ts";
import { startMoto } from "../helpers/moto.ts";
import { withScratchFolder } from "../helpers/scratch.ts";
import { secretStoreCases } from "../helpers/secret-store-cases.ts";
import { moto } from "../helpers/tools.ts";
import { type FakeSecretsManager, startSecretsManager } from "../stand-ins/secrets-manager.ts";

const signal = new AbortController().signal;

/** Where the SDK looks, and whose word it takes. */
function useAws(url: string): void {
  vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", url);
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
}

describe("files", () => {
  const scratch = withScratchFolder();
  const home = join(scratch.path, "home");
  const open = () => openFileSecrets({ home, signal });

  secretStoreCases(open);

  test("are nobody else's to read, whatever is in the name", async () => {
    const store = await open();
    await store.put("../../escape/..", "x");
    const folder = join(home, "secrets");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(folder)) {
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    }
    expect(readdirSync(scratch.path)).toEqual(["home"]);
    expect(await store.get("../../escape/..")).toBe("x");
  });

  test("go for good when the window is over", async () => {
    const store = await open();
    await store.put("over", "x");
    await store.delete("over", { recoveryDays: 7 });
    const file = join(home, "secrets", "over.json");
    const stored = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...stored, deleteAfter: "2020-01-01T00:00:00Z" }));
    expect(await store.find("over")).toBeUndefined();
    expect(readdirSync(join(home, "secrets"))).not.toContain("over.json");
  });

  test("one that is no JSON is named, and not shown", async () => {
    mkdirSync(join(home, "secrets"), { recursive: true });
    writeFileSync(join(home, "secrets", "broken.json"), "npg_hunter2");
    const failure = await open().then((store) => store.get("broken").catch((error) => error));
    expect(failure).toMatchObject({ code: "CONFIG_INVALID" });
    expect(failure.message).not.toContain("hunter2");
  });
});

describe("AWS Secrets Manager, stood in for", () => {
  let aws: FakeSecretsManager;
  beforeAll(async () => {
    aws = await startSecretsManager();
  });
  beforeEach(() => useAws(aws.url));
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => aws.stop());
  const open = () => openAwsSecrets(undefined, signal);

  secretStoreCases(open);

  test("throttling is waited out", async () => {
    aws.failNext("CreateSecret", 2, { name: "ThrottlingException", status: 400 });
    expect(await (await open()).put("/ds/throttled", "x")).toBe("created");
  });

  test("what lasts is said, without the value", async () => {
    aws.failNext("CreateSecret", 9, { name: "InternalServiceError", status: 500 });
    const failure = await (await open()).put("/ds/failing", "hunter2").catch((error) => error);
    expect(failure).toMatchObject({ code: "UPSTREAM", details: { httpStatus: 500 } });
    expect(JSON.stringify([failure, failure.message, failure.stack])).not.toContain("hunter2");
  });

  test("no rights: exit 3, with what to do", async () => {
    aws.failNext("GetSecretValue", 1, { name: "AccessDeniedException", status: 400 });
    await expect((await open()).get("/ds/x")).rejects.toMatchObject({ code: "CREDENTIALS" });
  });

  test("no region: exit 3", async () => {
    vi.stubEnv("AWS_REGION", undefined);
    vi.stubEnv("AWS_DEFAULT_REGION", undefined);
    vi.stubEnv("AWS_CONFIG_FILE", "/nowhere");
    await expect(open()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("unchanged costs one call", async () => {
    const store = await open();
    await store.put("/ds/cheap", "x");
    const before = { ...aws.calls };
    expect(await store.put("/ds/cheap", "x")).toBe("unchanged");
    expect(aws.calls).toEqual({ ...before, GetSecretValue: (before.GetSecretValue ?? 0) + 1 });
  });
});

describeWith(moto, "AWS Secrets Manager, as moto has it", (program) => {
  let server: Awaited<ReturnType<typeof startMoto>>;
  beforeAll(async () => {
    server = await startMoto(program);
  });
  beforeEach(() => useAws(server.url));
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => server.stop());

  secretStoreCases(() => openAwsSecrets(undefined, signal));
});
