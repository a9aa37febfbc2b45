import { cli, medians, row, timedProcess, withFiles } from "./measure.ts";

const rounds = 15;

const files = {
  "account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
  "one.yaml": `bucket: one
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049350001"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:1746495857600001:one/*"]
`,
};

/** How long a person waits for the first word. */
export async function coldStart() {
  await withFiles(files, async (folder) => {
    const timed = (words: readonly string[]) => async () => (await timedProcess(words)).ms;
    const [bare = 0, help = 0, validate = 0] = await medians(
      [timed(["-e", "0"]), timed([cli, "--help"]), timed([cli, "validate", "--policies", folder])],
      rounds,
    );
    console.log(`cold start, median of ${rounds} processes each, in turn`);
    row("node -e 0", bare);
    row("oss-policy --help (wanted: under 3)", help, bare);
    row("oss-policy validate, one file (wanted: under 6)", validate, bare);
  });
}
