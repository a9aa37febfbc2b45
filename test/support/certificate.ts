import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { findProgram } from "./programs.ts";

export interface Certificate {
  readonly keyFile: string;
  readonly certFile: string;
}

export function certificateIn(folder: string, name: string): Certificate {
  return { keyFile: join(folder, `${name}.key`), certFile: join(folder, `${name}.pem`) };
}

/**
 * Makes a self-signed certificate for these host names with `openssl`. ECDSA, because the server shares the machine
 * with what is measured, and signs fast with it.
 */
export function makeCertificate({ keyFile, certFile }: Certificate, hosts: readonly string[]): void {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
  const names = `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}`;
  const subject = ["-subj", "/CN=oss-policy test", "-addext", names, "-days", "2", "-out", certFile];
  execFileSync(findProgram("openssl") ?? "openssl", ["req", "-x509", ...key, ...subject], {
    stdio: "ignore",
  });
}
