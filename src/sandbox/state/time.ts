/** Returns the time as OSS writes it in XML: whole seconds, and always `.000Z`, which oss2 insists on. */
export function timeNow(): string {
  return new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
}
