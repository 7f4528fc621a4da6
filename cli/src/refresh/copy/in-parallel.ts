/** Each worker takes the next item when it is done with its last; the first failure ends it for all. */
export async function inParallel<Worker, Item>(
  workers: readonly Worker[],
  items: readonly Item[],
  work: (worker: Worker, item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  let failed = false;
  const run = async (worker: Worker) => {
    for (let item = left.shift(); item !== undefined && !failed; item = left.shift()) {
      try {
        await work(worker, item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(workers.map(run));
}
