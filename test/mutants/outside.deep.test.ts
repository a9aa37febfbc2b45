import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCli, writeTree } from "../support/run-cli.ts";
import type { PolicyStore } from "../../src/oss/store.ts";
import { killed, type Build } from "./killed.ts";
import { outsideMutants } from "./outside-mutants.ts";
import { secretMutants } from "./secret-mutants.ts";

const secret = "Zq8vW3rT6yU1pL5kXc2b";
const answer = ({ product }: Build, status: number, text: string) => {
  const body = Buffer.from(text);
  return { status, body, xml: product.parseXml(body), headers: {} };
};
const error = (code: string) => `<Error><Code>${code}</Code></Error>`;

/** A tree of files beside another folder whose name begins like its own. */
function linked(): string {
  const folder = writeTree({
    "policies/account.yaml": "x",
    "policies-of-others/data.yaml": "secret: 1",
  });
  symlinkSync(join(folder, "policies-of-others/data.yaml"), join(folder, "policies/data.yaml"));
  return join(folder, "policies");
}

function pathsIn({ product }: Build, folder: string): readonly string[] {
  return product.loadListed(product.listTree(folder)).files.map(({ path }) => path.slice(folder.length));
}

/** What reading a body of so many bytes ends with. */
async function read({ product }: Build, bytes: number): Promise<string> {
  const server = createServer((_, response) => response.end(Buffer.alloc(bytes, 32)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const response = await new Promise<IncomingMessage>((resolve) =>
      get({ port, host: "127.0.0.1" }, resolve),
    );
    const limits = { maxBytes: 1 << 20, timeoutMs: 5_000 };
    return await product.readBody(response, limits).then(
      (body) => `${body.length} bytes`,
      (failure: Error) => failure.name,
    );
  } finally {
    server.close();
  }
}

/** What a guarded store makes of a server that sends the secret back. */
async function echoed({ product }: Build): Promise<string> {
  const problem = { message: `denied for ${secret}`, help: `ask ${secret}`, code: secret, ec: secret };
  const body = JSON.stringify({ Statement: [], Id: secret });
  const refused = { kind: "refused", problem } as const;
  const store: PolicyStore = {
    list: () => Promise.resolve({ owner: "1", buckets: [{ bucket: secret, region: "cn-hangzhou" }] }),
    get: ({ bucket, region }) => {
      if (bucket === "unread") return Promise.resolve({ live: { state: "unreadable", problem }, region });
      const isMoved = bucket === "moved";
      return Promise.resolve({
        live: isMoved ? { state: "none" } : { state: "policy", body },
        region: isMoved ? secret : region,
      });
    },
    exposure: () => Promise.resolve({ state: "unknown", problem }),
    accountBlock: () => Promise.resolve({ state: "unknown", problem }),
    put: () => Promise.resolve(refused),
    delete: () => Promise.resolve(refused),
    close: () => undefined,
  };
  const one = product.guarded(store, product.openSecrets([secret]));
  const address = { bucket: "data", region: "cn-hangzhou" };
  const reads = ["data", "unread", "moved"].map((bucket) => one.get({ ...address, bucket }));
  const all = [one.list(), ...reads, one.exposure(address), one.accountBlock()];
  const told = [...(await Promise.all(all)), await one.put(address, "{}"), await one.delete(address)];
  return told.map((text) => (JSON.stringify(text).includes(secret) ? "shown" : "hidden")).join(" ");
}

const page = (buckets: string, more = "") =>
  `<ListAllMyBucketsResult><Owner><ID>1</ID></Owner><Buckets>${buckets}</Buckets>${more}</ListAllMyBucketsResult>`;
const bucket = "<Bucket><Name>data</Name><Region>cn-hangzhou</Region></Bucket>";

async function listed(build: Build, text: string): Promise<string> {
  let pages = 0;
  const found = await build.product.listAll(() => {
    pages += 1;
    return Promise.resolve(answer(build, 200, text));
  });
  return `${"problem" in found ? "problem" : found.buckets.length} after ${pages}`;
}

const reads = (texts: readonly (readonly [status: number, text: string])[], right: readonly string[]) => ({
  right,
  observe: (build: Build) =>
    texts.map(([status, text]) => build.product.liveOf(answer(build, status, text)).state),
});

const probes = {
  "a link to a folder whose name begins alike": {
    right: ["/account.yaml"],
    observe: (build: Build) => pathsIn(build, linked()),
  },
  "a file that is too large": {
    right: ["/account.yaml"],
    observe: (build: Build) =>
      pathsIn(build, writeTree({ "account.yaml": "x", "large.yaml": "x".repeat(4_000_001) })),
  },
  "a folder that is too deep": {
    right: [],
    observe: (build: Build) => {
      const folder = writeTree({});
      const deep = join(folder, ...Array.from({ length: 70 }, () => "d"));
      mkdirSync(deep, { recursive: true });
      writeFileSync(join(deep, "x.yaml"), "x");
      return pathsIn(build, folder);
    },
  },
  "a body that is too large": { right: "UnreadableBody", observe: (build: Build) => read(build, 3 << 20) },
  "answers that are no policy": reads(
    [
      [200, "{}"],
      [200, "[]"],
      [200, ""],
      [404, error("NoSuchBucketPolicy")],
      [403, error("NoSuchBucketPolicy")],
      [404, `<html>${error("NoSuchBucketPolicy")}</html>`],
      [404, "<html><Code>NoSuchBucketPolicy</Code></html>"],
      [404, error("NoSuchBucket")],
      [500, error("InternalError")],
    ],
    [
      "unreadable",
      "unreadable",
      "unreadable",
      "none",
      "unreadable",
      "unreadable",
      "unreadable",
      "missing",
      "unreadable",
    ],
  ),
  "a delete that is refused": {
    right: ["done", "refused", "refused", "unknown"],
    observe: (build: Build) =>
      [
        [404, error("NoSuchBucketPolicy")] as const,
        [404, error("NoSuchBucket")] as const,
        [403, error("AccessDenied")] as const,
        [500, error("InternalError")] as const,
      ].map(([status, text]) => build.product.deleteAnswerOf(answer(build, status, text)).kind),
  },
  "Block Public Access that OSS does not name": {
    right: ["unknown", "unknown"],
    observe: (build: Build) => [
      build.product.exposureOf(
        answer(
          build,
          200,
          "<BucketInfo><Bucket><AccessControlList><Grant>private</Grant></AccessControlList></Bucket></BucketInfo>",
        ),
      ).state,
      build.product.accountBlockOf(answer(build, 200, "<Other></Other>")).state,
    ],
  },
  "a secret that OSS sends back": {
    right: Array.from({ length: 8 }, () => "hidden").join(" "),
    observe: echoed,
  },
  "spellings of a secret": {
    right: Array.from({ length: 6 }, () => "hidden"),
    observe: ({ product }: Build) => {
      // In hex, a longer one is taken for a signature.
      const short = secret.slice(5, 17);
      const { clean } = product.openSecrets([secret, short]);
      const hex = Buffer.from(short).toString("hex");
      const base64 = Buffer.from(secret).toString("base64").replaceAll("=", "");
      const part = secret.slice(3, 16);
      return [secret, hex, base64, secret.toUpperCase(), part, [...secret].join(" ")].map((text) =>
        clean(`x ${text} y`).includes(text) ? "shown" : "hidden",
      );
    },
  },
  "a signature": {
    right: [true, false, false],
    observe: ({ product }: Build) => {
      const secrets = product.openSecrets([]);
      const signature = "0123456789abcdef".repeat(4);
      secrets.addSignature(`OSS4-HMAC-SHA256 Credential=x, Signature=${signature}`);
      const part = signature.slice(20, 50);
      return [
        secrets.isIn(`{"Id":"${signature}"}`),
        secrets.clean(signature).includes(signature),
        secrets.clean(part).includes(part),
      ];
    },
  },
  "credentials that are half set": {
    right: [
      "the credentials are half set: OSS_ACCESS_KEY_SECRET is missing",
      { accessKeyId: "a", accessKeySecret: "b", securityToken: "c" },
    ],
    observe: ({ product }: Build) => {
      const other = { ALIBABA_CLOUD_ACCESS_KEY_ID: "x", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "y" };
      const own = { OSS_ACCESS_KEY_SECRET: "b", OSS_SESSION_TOKEN: "c" };
      const half = product.findCredentials({ ...other, OSS_ACCESS_KEY_ID: "a" });
      const whole = product.findCredentials({ ...other, ...own, OSS_ACCESS_KEY_ID: "a" });
      if (half === undefined || whole === undefined) return [half, whole];
      return ["problem" in half ? half.problem : half, "credentials" in whole ? whole.credentials : whole];
    },
  },
  "a secret of a seed file": {
    right: [false, false],
    observe: async ({ product }: Build) => {
      const keys = `keys: [{ id: a, secret: ${secret} }]`;
      const seeds = writeTree({
        good: `buckets: []\n${keys}\n`,
        bad: `buckets: []\n${keys.replace(secret, `*${secret}`)}\n`,
      });
      const shown = async (name: string) => {
        const words = ["sandbox", "--port", "0", "--seed", join(seeds, name)];
        const { stdout, stderr } = await runCli(words, { stopped: Promise.resolve(), door: product.run });
        return `${stdout}${stderr}`.includes(secret);
      };
      return [await shown("good"), await shown("bad")];
    },
  },
  "the text of a bug": {
    right: [true, false],
    observe: ({ product }: Build) => {
      const text = product.bugText(new TypeError(`headers: ${secret}\n    at ${secret} (x.js:1:1)`));
      return [text.startsWith("TypeError\n    at "), text.includes(secret)];
    },
  },
  "secrets of the environment": {
    right: ["x [removed]", "x [removed]", "x [removed]"],
    observe: ({ product }: Build) =>
      ["OSS_SESSION_TOKEN", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "GITHUB_TOKEN"].map((name) =>
        product.secretsIn({ [name]: secret }).clean(`x ${secret}`),
      ),
  },
  "endpoints over plain http, with a password or a path": {
    right: ["problem", "problem", "problem", "template", "template"],
    observe: ({ product }: Build) =>
      [
        "http://oss.example",
        "https://user:word@oss.example",
        "https://oss.example/path",
        "https://oss.example",
        "http://127.0.0.1:9000",
      ].map((template) => Object.keys(product.checkEndpoint(template))[0]),
  },
  "waits that OSS asks for": {
    right: [50_000, 0, true],
    observe: ({ product }: Build) => {
      let now = 0;
      const patience = product.openPatience({ clock: { now: () => now }, onWaiting: () => undefined });
      const problem = { message: "x", retryAfterMs: 50_000 };
      const first = patience.grant({ ...problem });
      now = 50_000;
      return [first, patience.grant(problem), patience.isBeyond(problem)];
    },
  },
  "a list of buckets that is not whole": {
    right: ["1 after 1", "problem after 1", "problem after 1", "problem after 2"],
    observe: async (build: Build) => [
      await listed(build, page(bucket)),
      await listed(build, page(`${bucket}<Bucket><Name>../x</Name><Region>r</Region></Bucket>`)),
      await listed(build, page(bucket, "<IsTruncated>maybe</IsTruncated>")),
      await listed(build, page(bucket, "<IsTruncated>true</IsTruncated><NextMarker>data</NextMarker>")),
    ],
  },
  "outputs that are one file": {
    right: [true, true, true, true, false],
    observe: ({ product }: Build) => {
      const folder = writeTree({ "policies/account.yaml": "x", "plan.json": "" });
      symlinkSync(join(folder, "plan.json"), join(folder, "link.json"));
      const at = (name: string) => join(folder, name);
      const named = { policies: at("policies"), bucket: [], account: [], accept: [], concurrency: 1 };
      const problem = (more: object) =>
        product.outputProblem({ ...named, ...more } as never, "apply", []) !== undefined;
      return [
        problem({ journal: at("plan.json"), json: at("link.json") }),
        problem({ journal: "-" }),
        problem({ json: at("policies/new.yaml") }),
        problem({ json: at("new.json"), markdown: at("policies/../new.json") }),
        problem({ json: at("new.json"), markdown: at("new.md") }),
      ];
    },
  },
  "variables that multiply": {
    right: [1, true],
    observe: async ({ product }: Build) => {
      const vars = `vars: { long: "${"x".repeat(4_000)}" }\n`;
      const items = Array.from({ length: 40 }, () => '"${long}"').join(", ");
      const folder = writeTree({
        "account.yaml": `account: "1746495857600001"\nregion: cn-hangzhou\n${vars}`,
        "data.yaml": `bucket: data\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: ["2"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:data/*"], Condition: { StringEquals: { "acs:UserAgent": [${items}] } } }] }\n`,
      });
      const { code, stderr, stdout } = await runCli(["validate", "--policies", folder], {
        door: product.run,
      });
      return [code, (stderr + stdout).includes("the variables expand this text to more than")];
    },
  },
};

killed(probes, [...outsideMutants, ...secretMutants]);
