// Program of the figure of guardrails in the benchmark `access`: a process of its own, so that the memory is its own.
import { manyGuardrails } from "./access-speed.ts";

console.log(manyGuardrails());
