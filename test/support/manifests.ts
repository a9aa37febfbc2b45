import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { root } from "./pages.ts";

/** A container of a pod, as far as tests look at it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly readinessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
}

/** A manifest of deploy/kubernetes. */
export interface Manifest {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** All of it. */
  readonly value: object;
}

const folder = join(root, "deploy/kubernetes");

/** All manifests. What kustomize reads is none. */
export const manifests: readonly Manifest[] = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml") && file !== "kustomization.yaml")
  .sort()
  .flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => {
      if (document.errors.length > 0) throw new Error(`${file}: ${String(document.errors[0])}`);
      const value = document.toJS() as { apiVersion: string; kind: string };
      return { file, apiVersion: value.apiVersion, kind: value.kind, value };
    }),
  );

/** The containers of a manifest that are of this tool's image. */
export function toolContainers({ value }: Manifest): readonly Container[] {
  const found: Container[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      if (/^(init)?containers$/i.test(key)) found.push(...(child as Container[]));
      visit(child);
    }
  };
  visit(value);
  return found.filter(({ image }) => /\/oss-policy[:@]/.test(image));
}
