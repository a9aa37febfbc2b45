/** Where the client of a region connects to. */
export interface Endpoint {
  /** Undefined: OSS's public endpoint of the region, over https. */
  readonly url: string | undefined;
  /** The bucket stands in the path: for hosts below which no bucket name resolves. */
  readonly pathStyle: boolean;
}

export type CheckedEndpoint =
  { readonly template: string | undefined } | { readonly problem: string; readonly help: string };

/** Judges `--endpoint` before anything is connected to: plain http would show every policy on the way. */
export function checkEndpoint(template: string | undefined): CheckedEndpoint {
  if (template === undefined || template === "") return { template: undefined };
  const example = "write it like `https://oss-{region}-internal.aliyuncs.com`";
  // Whatever stands before an @ may be a password, also in an address that does not parse: it is not shown.
  if (/@|%40/.test(template))
    return {
      problem: "the endpoint has a user name or a password in it, or an `@`; it is not shown",
      help: example,
    };
  const shown = template.replace(/[?#].*$/s, (rest) => `${rest.charAt(0)}...`);
  const url = parseUrl(template.replaceAll("{region}", "cn-hangzhou"));
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return { problem: `\`${shown}\` is not an http or https address`, help: example };
  }
  if (/[?#]/.test(template) || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    return { problem: `\`${shown}\` holds more than a scheme, a host and a port`, help: example };
  }
  // The text itself is judged: what a URL parser makes of `0x7f000001`, the client does not.
  if (url.protocol === "http:" && !plainLoopback.test(template)) {
    return {
      problem: `\`${shown}\` is plain http to what is not the loopback`,
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

/** Host and port that the calls of a region go to, for messages; OSS's own host has the bucket before it. */
export function hostOf(template: string | undefined, region: string): string {
  if (template === undefined) return `oss-${region}.aliyuncs.com:443`;
  const { hostname, port, protocol } = new URL(template.replaceAll("{region}", region));
  return `${hostname}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
}

/** The region in an `Endpoint` that OSS names; undefined for any host that is not OSS's own. */
export function regionOfEndpoint(host: string): string | undefined {
  return /^oss-([a-z]{2,}(?:-[a-z0-9]+)+?)(?:-internal)?\.aliyuncs\.com$/.exec(host)?.[1];
}

const plainLoopback = /^http:\/\/(localhost|127(\.\d{1,3}){3})(:\d+)?\/?$/;

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
