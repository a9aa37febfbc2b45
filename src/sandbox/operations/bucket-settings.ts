import type { SandboxBucket } from "../state/world.ts";
import { refuse } from "../wire/wire-error.ts";
import type { XmlNode } from "../wire/xml.ts";
import { empty, xml, type BucketOperation, type Done, type OperationInput } from "./operation.ts";
import type { ServedOperation } from "./table.ts";

/**
 * Settings of a bucket that the sandbox does not have: it answers as OSS does for a bucket on which they were never set
 * (OSS docs: each operation). Terraform reads them all.
 */
export const unsetSettings: Partial<Record<ServedOperation, BucketOperation>> = {
  GetBucketCors: () => refuse("NoSuchCORSConfiguration"),
  DeleteBucketCors: () => empty(204),
  GetBucketWebsite: () => refuse("NoSuchWebsiteConfiguration"),
  GetBucketLogging: () => xml(["BucketLoggingStatus", []]),
  GetBucketReferer: () =>
    xml([
      "RefererConfiguration",
      [
        ["AllowEmptyReferer", "true"],
        ["AllowTruncateQueryString", "true"],
        ["TruncatePath", "false"],
        ["RefererList", []],
      ],
    ]),
  GetBucketLifecycle: () => refuse("NoSuchLifecycle"),
  GetBucketEncryption: () => refuse("NoSuchServerSideEncryptionRule"),
  GetBucketVersioning: () => xml(["VersioningConfiguration", []]),
  GetBucketTransferAcceleration: () => refuse("NoSuchTransferAccelerationConfiguration"),
  GetBucketAccessMonitor: () => xml(["AccessMonitorConfiguration", [["Status", "Disabled"]]]),
  // The ID of the default group of an account is not known here.
  GetBucketResourceGroup: () => xml(["BucketResourceGroupConfiguration", [["ResourceGroupId", ""]]]),
};

/** Counts the objects and their bytes; the numbers are those of now, not of an hour ago as with OSS. */
export function getBucketStat({ name }: SandboxBucket, { world }: OperationInput): Done {
  const objects = world.objects(name);
  const classes = new Map<string, Count>();
  const all = count();
  for (const { storageClass, body } of objects.all()) {
    const one = classes.get(storageClass) ?? count();
    classes.set(storageClass, one);
    for (const each of [one, all]) add(each, body.size);
  }
  const parts = count();
  const uploads = objects.uploadPage({ prefix: "", delimiter: "", after: "", maxKeys: Infinity }).items;
  for (const part of uploads.flatMap(({ id }) => objects.parts(id))) add(parts, part.body.size);
  return xml([
    "BucketStat",
    [
      ["Storage", String(all.bytes + parts.bytes)],
      ["ObjectCount", String(all.number)],
      ["MultipartUploadCount", String(uploads.length)],
      ["LiveChannelCount", "0"],
      ["MultipartPartCount", String(parts.number)],
      ["MultipartPartStorage", String(parts.bytes)],
      ["DeleteMarkerCount", "0"],
      ["LastModifiedTime", String(Math.floor(Date.now() / 1000))],
      ...statNames.flatMap(([storageClass, prefix, sizes]) =>
        classNodes(prefix, sizes, classes.get(storageClass) ?? count()),
      ),
    ],
  ]);
}

interface Count {
  number: number;
  bytes: number;
}

function count(): Count {
  return { number: 0, bytes: 0 };
}

function add(to: Count, bytes: number): void {
  to.number += 1;
  to.bytes += bytes;
}

/** Storage classes by their name in the answer; all but the first have a billed and a real size. */
const statNames = [
  ["Standard", "Standard", ["Storage"]],
  ["IA", "InfrequentAccess", ["Storage", "RealStorage"]],
  ["Archive", "Archive", ["Storage", "RealStorage"]],
  ["ColdArchive", "ColdArchive", ["Storage", "RealStorage"]],
  ["DeepColdArchive", "DeepColdArchive", ["Storage", "RealStorage"]],
] as const;

function classNodes(prefix: string, sizes: readonly string[], { number, bytes }: Count): readonly XmlNode[] {
  return [
    ...sizes.map((size): XmlNode => [`${prefix}${size}`, String(bytes)]),
    [`${prefix}ObjectCount`, String(number)],
  ];
}
