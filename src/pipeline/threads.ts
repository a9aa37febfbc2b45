import { Worker } from "node:worker_threads";

/** Tasks that a thread has at once, so that it never waits for the next one. */
const tasksAtOnce = 2;

/**
 * Gives each task to one of several threads, and each answer, with its task's index, to `onAnswer`. Tasks are taken
 * from the iterable only when a thread has room. Returns false, once all threads have ended, if one of them died:
 * then some answers are missing.
 */
export async function runInThreads<Task, Answer>(
  script: { readonly url: URL; readonly data: unknown; readonly threads: number },
  tasks: Iterable<Task>,
  onAnswer: (answer: Answer, index: number) => void,
): Promise<boolean> {
  const left = tasks[Symbol.iterator]();
  let next = 0;
  let hasDied = false;
  const runThread = () =>
    new Promise<void>((resolve) => {
      const worker = new Worker(script.url, { workerData: script.data });
      const own: number[] = [];
      const die = () => {
        hasDied = true;
      };
      const give = () => {
        const task = hasDied ? undefined : left.next();
        if (task !== undefined && task.done !== true) {
          own.push(next++);
          worker.postMessage(task.value);
        } else if (own.length === 0) void worker.terminate();
      };
      worker.on("message", (answer: Answer) => {
        const index = own.shift();
        if (index !== undefined) onAnswer(answer, index);
        give();
      });
      worker.on("error", die);
      worker.on("exit", () => {
        if (own.length > 0) die();
        resolve();
      });
      for (let task = 0; task < tasksAtOnce; task += 1) give();
    });
  await Promise.all(Array.from({ length: script.threads }, runThread));
  return !hasDied;
}
