/** The doors of the product that the probes use; a mutant is this file, bundled with one text of `src/` replaced. */
export { openJournal, parseJournal } from "../../src/apply/journal.ts";
export { run } from "../../src/commands/index.ts";
export { listTree, loadListed } from "../../src/desired/load.ts";
export { readBody } from "../../src/oss/body.ts";
export { findCredentials, secretsIn } from "../../src/oss/credentials.ts";
export { checkEndpoint } from "../../src/oss/endpoint.ts";
export { guarded } from "../../src/oss/guarded.ts";
export { listAll } from "../../src/oss/listing.ts";
export { openPatience } from "../../src/oss/patience.ts";
export { openSecrets } from "../../src/oss/secrets.ts";
export { accountBlockOf, deleteAnswerOf, exposureOf, liveOf } from "../../src/oss/wire.ts";
export { parseXml } from "../../src/oss/xml.ts";
export { exitCodeOf } from "../../src/run/exit.ts";
export { outputProblem } from "../../src/run/outputs.ts";
