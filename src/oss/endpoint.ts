/** Endpoint of a region. */
export interface Endpoint {
  /** Undefined for OSS's public endpoint of the region, over https. */
  readonly url: string | undefined;
  /** True if the bucket is in the path: for hosts without subdomains for buckets. */
  readonly pathStyle: boolean;
}

export type CheckedEndpoint =
  { readonly template: string | undefined } | { readonly problem: string; readonly help: string };

const ossExample = "write it like `https://oss-{region}-internal.aliyuncs.com`";

/** Checks `--endpoint` before any connection: plain http would expose every policy on the network. */
export function checkEndpoint(template: string | undefined, example = ossExample): CheckedEndpoint {
  if (template === undefined || template === "") return { template: undefined };
  // Text before an @ may be a password, even in an address that does not parse: it is not shown.
  if (/@|%40/.test(template))
    return {
      problem: "the endpoint contains a user name, a password or an `@`; it is not shown",
      help: example,
    };
  const shown = template.replace(/[?#].*/s, (rest) => `${rest.charAt(0)}...`);
  const url = parseUrl(template.replaceAll("{region}", "cn-hangzhou"));
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return { problem: `\`${shown}\` is not an http or https address`, help: example };
  }
  if (/[?#]/.test(template) || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    return { problem: `\`${shown}\` contains more than a scheme, a host and a port`, help: example };
  }
  // Checks the text itself: a URL parser converts `0x7f000001` to an address, the client does not.
  if (url.protocol === "http:" && !plainLoopback.test(template)) {
    return {
      problem: `\`${shown}\` is plain http to a host other than the loopback`,
      help: "use https; http is for `http://127.0.0.1:PORT` and `http://localhost:PORT`",
    };
  }
  return { template: template.replace(/\/$/, "") };
}

export function endpointOf(template: string | undefined, region: string): Endpoint {
  if (template === undefined) return { url: undefined, pathStyle: false };
  const url = template.replaceAll("{region}", region);
  return { url, pathStyle: new URL(url).hostname === "localhost" };
}

/** Returns host and port of the calls of a region, for messages; OSS's own host also has the bucket before it. */
export function hostOf(template: string | undefined, region: string): string {
  if (template === undefined) return `oss-${region}.aliyuncs.com:443`;
  const { hostname, port, protocol } = new URL(template.replaceAll("{region}", region));
  return `${hostname}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
}

/** Returns the region in an `Endpoint` that OSS names; undefined for any host that is not OSS's own. */
export function regionOfEndpoint(host: string): string | undefined {
  return /^oss-([a-z]{2,}(?:-[a-z0-9]+)+?)(?:-internal)?\.aliyuncs\.com$/.exec(host)?.[1];
}

const plainLoopback = /^http:\/\/(localhost|127(\.\d{1,3}){3})(:\d+)?\/?$/;

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
