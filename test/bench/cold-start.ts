import { cli, medians, timedProcess, withFiles, type Row } from "./measure.ts";

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
export async function coldStart(): Promise<readonly Row[]> {
  return withFiles(files, async (folder) => {
    const timed = (words: readonly string[]) => async () => (await timedProcess(words)).ms;
    const [bare = 0, help = 0, validate = 0] = await medians(
      [timed(["-e", "0"]), timed([cli, "--help"]), timed([cli, "validate", "--policies", folder])],
      rounds,
    );
    const yardstick = `node -e 0, ${bare.toFixed(0)} ms`;
    const times = (ms: number) => `${(ms / bare).toFixed(2)} times`;
    return [
      { work: "--help, cold", yardstick, figure: times(help), wanted: "at most 1.5" },
      { work: "validate of one file, cold", yardstick, figure: times(validate), wanted: "at most 2.5" },
    ];
  });
}
