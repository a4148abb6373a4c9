/** From a task's number to the code that every rank runs. */
import { ConvertTask, runConversion } from './conversion';
import { LONGEST_PART } from './memory-map';
import { setLongestPart } from './plan';
import { ProductTask, runProduct } from './product';
import { BlockTask, runSubtrees } from './series';
import { TASK_CONVERT, TASK_PRODUCT, TASK_SUBTREES, TASK_TWIDDLES } from './task-kinds';
import { buildTwiddles } from './twiddles';

@unmanaged
export class TwiddleTask {
  address: usize;
  logVectors: i32;
}

export function runTask(kind: i32, argument: usize): void {
  if (kind === TASK_PRODUCT) {
    runProduct(changetype<ProductTask>(argument));
  } else if (kind === TASK_TWIDDLES) {
    const task = changetype<TwiddleTask>(argument);
    buildTwiddles(task.address, task.logVectors);
  } else if (kind === TASK_SUBTREES) {
    runSubtrees(changetype<BlockTask>(argument));
  } else if (kind === TASK_CONVERT) {
    runConversion(changetype<ConvertTask>(argument));
  } else {
    unreachable();
  }
}

/** Runs a task on a thread that may not have been there when the tables were made. */
export function runAsMember(kind: i32, argument: usize): void {
  setLongestPart(load<usize>(LONGEST_PART));
  runTask(kind, argument);
}
