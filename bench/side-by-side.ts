/** Does every job, `width` of them at the same time. For jobs that mostly wait and that nothing times. */
export async function sideBySide<T>(
  width: number,
  jobs: readonly T[],
  work: (job: T) => Promise<void>,
): Promise<void> {
  const left = [...jobs];
  const worker = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
