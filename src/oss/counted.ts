/** Called with each call that was sent: its operation, and the status of the answer or `no_answer`. */
export type OnCall = (operation: string, code: string) => void;

/** Reports the result of a call, and returns it. */
export async function counted<T extends object>(
  operation: string,
  call: Promise<T>,
  onCall: OnCall = () => undefined,
): Promise<T> {
  try {
    const answer = await call;
    onCall(operation, "status" in answer ? String(answer.status) : "no_answer");
    return answer;
  } catch (failure) {
    onCall(operation, "no_answer");
    throw failure;
  }
}
