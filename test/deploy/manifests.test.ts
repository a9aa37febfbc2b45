import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { manifests, toolContainers, type Manifest } from "../support/manifests.ts";
import { root } from "../support/pages.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import { watching } from "../support/watching.ts";

/** Module of kubernetes-types, which is made from the OpenAPI document of Kubernetes, by API version. */
const modules: Readonly<Record<string, string>> = {
  v1: "core/v1",
  "apps/v1": "apps/v1",
  "batch/v1": "batch/v1",
  "networking.k8s.io/v1": "networking/v1",
};

const typed = manifests.filter(({ apiVersion }) => apiVersion in modules);

/** What the compiler says of manifests, by file: unknown and missing fields, and values of another type. */
function typeErrors(
  some: readonly Pick<Manifest, "file" | "apiVersion" | "kind" | "value">[],
): readonly string[] {
  const texts = new Map(
    some.map(({ file, apiVersion, kind, value }) => {
      const module = `kubernetes-types/${modules[apiVersion] ?? ""}`;
      const lines = [`import type { ${kind} } from "${module}";`, `export const manifest: ${kind} = `];
      return [join(root, `test/deploy/${file}.ts`), lines.join("\n") + JSON.stringify(value)] as const;
    }),
  );
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.getSourceFile = (name, version) => {
    const text = texts.get(name);
    return text === undefined ? getSourceFile(name, version) : ts.createSourceFile(name, text, version);
  };
  const found = ts.getPreEmitDiagnostics(ts.createProgram([...texts.keys()], options, host));
  return found.map(({ file, messageText }) => {
    const name = file?.fileName.split("/").at(-1)?.replace(/\.ts$/, "") ?? "";
    return `${name}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

test("every manifest has the fields and types that Kubernetes has, and no other", () => {
  const deployment = manifests.find(({ kind }) => kind === "Deployment");
  const bent = (file: string, from: string, to: string) => ({
    file,
    apiVersion: "apps/v1",
    kind: "Deployment",
    value: JSON.parse(JSON.stringify(deployment?.value).replace(from, to)) as object,
  });
  const misspelt = bent("misspelt", '"readOnlyRootFilesystem"', '"readOnlyRootFileSystem"');
  const otherType = bent("other-type", '"replicas":1', '"replicas":"1"');
  expect(typed.length).toBeGreaterThanOrEqual(6);
  const found = typeErrors([...typed, misspelt, otherType]);
  expect(found.map((error) => error.split(":")[0])).toEqual(["misspelt", "other-type"]);
});

test("kustomize is given files that exist, and the release that the manifests name", () => {
  const folder = join(root, "deploy/kubernetes");
  const text = readFileSync(join(folder, "kustomization.yaml"), "utf8");
  const { resources, images } = parse(text) as { resources: string[]; images: { newTag: string }[] };
  for (const file of resources) expect(existsSync(join(folder, file)), file).toBe(true);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const tags = manifests.flatMap(toolContainers).map(({ image }) => image.split(":")[1]);
  expect(new Set([...tags, ...images.map(({ newTag }) => newTag)])).toEqual(new Set([version]));
});

const policies = () =>
  writeTree({ "account.yaml": accountFile, "alpha-one.yaml": "bucket: alpha-one\npolicy: none\n" });

/** The words of a container, with the folder of the policies and the address as they are here. */
function wordsHere(args: readonly string[], tree: string): readonly string[] {
  return args.map((word) =>
    word.startsWith("--policies=")
      ? `--policies=${tree}`
      : word.replace(/^--listen=:\d+$/, "--listen=127.0.0.1:0"),
  );
}

describe("command lines", () => {
  const containers = manifests.flatMap((manifest) =>
    toolContainers(manifest).map((container) => [`${manifest.file} ${container.name}`, container] as const),
  );
  const isService = ([, { args = [] }]: (typeof containers)[number]) => args[0] === "watch";

  // What a shell makes of its variables is tried in shards.deep.test.ts.
  const isScript = ([, { command = [] }]: (typeof containers)[number]) => command[0] === "sh";

  test.each(containers.filter((one) => !isService(one) && !isScript(one)))(
    "%s: it is a command line",
    async (_, { args = [] }) => {
      const sandbox = await sandboxWith({ buckets: [{ name: "alpha-one", region: "cn-hangzhou" }] });
      const { stdout } = await runCli(wordsHere(args, policies()), { env: environmentOf(sandbox) });
      expect(stdout).toMatch(/^Exit \d/m);
      expect(stdout).not.toContain("invalid command line");
    },
  );

  test("the Deployment starts a service that answers its probes, its PodMonitor and its NetworkPolicy", async () => {
    const sandbox = await sandboxWith({ buckets: [{ name: "alpha-one", region: "cn-hangzhou" }] });
    const [[, container] = []] = containers.filter(isService);
    const [verb, ...args] = container?.args ?? [];
    expect(verb).toBe("watch");
    const service = await watching(sandbox, wordsHere(args, policies()));
    await service.until("reconcile");
    const ports = container?.ports ?? [];
    const [endpoint] = valueOf("PodMonitor", "spec", "podMetricsEndpoints") as {
      port: string;
      path: string;
    }[];
    const probes = [container?.livenessProbe, container?.readinessProbe].flatMap(
      (probe) => probe?.httpGet ?? [],
    );
    expect(probes).toHaveLength(2);
    for (const { path, port } of [...probes, endpoint ?? { path: "", port: "" }]) {
      expect((await service.get(path)).status, path).toBe(200);
      expect(ports.map(({ name }) => name)).toContain(port);
    }
    const [port] = ports.map(({ containerPort }) => containerPort);
    expect(args).toContain(`--listen=:${String(port)}`);
    const [ingress] = valueOf("NetworkPolicy", "spec", "ingress") as { ports: { port: number }[] }[];
    expect(ingress?.ports.map((one) => one.port)).toEqual([port]);
    const isSelected = valueOf("PodMonitor", "spec", "selector", "matchLabels");
    expect(valueOf("Deployment", "spec", "template", "metadata", "labels")).toMatchObject(
      isSelected as object,
    );
  });
});

/** A value in the one manifest of a kind. */
function valueOf(kind: string, ...path: readonly string[]): unknown {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  expect(found, kind).toHaveLength(1);
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], found[0]?.value);
}
