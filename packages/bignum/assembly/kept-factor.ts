/** A factor whose transform is kept, for several products with it. */
import { Natural } from './natural';
import { digitCount, Plan } from './plan';
import {
  allocateCut,
  allocateVectors,
  attempt,
  finish,
  multiply,
  newTask,
  ProductTask,
  setOperandA,
  setOperandB,
} from './product';
import { multiplyResidues } from './residue';
import { allocate, release, stackTop } from './stack';
import { TASK_PRODUCT } from './task-kinds';
import { fork } from './team';
import { FORWARD, PRODUCT } from './transform';

@unmanaged
export class KeptFactor {
  number: Natural;
  plan: Plan;
  /** The transform, zero where there is none: products with it are then as all others. */
  vectors: usize;
}

/** Without a transform, for a plan to be filled in. */
export function newKeptFactor(number: Natural): KeptFactor {
  const factor = changetype<KeptFactor>(allocate(offsetof<KeptFactor>()));
  factor.number = number;
  factor.plan = changetype<Plan>(allocate(offsetof<Plan>()));
  factor.vectors = 0;
  return factor;
}

/** Computes the transform by the factor's plan; it lies on the stack. */
export function transformFactor(factor: KeptFactor): void {
  factor.vectors = allocateVectors(factor.plan);
  const mark = stackTop();
  const task = newTask();
  copyPlan(task.plan, factor.plan);
  task.operation = FORWARD;
  setOperandA(task, factor.number);
  task.vectorsA = factor.vectors;
  task.cutA = allocateCut(task.plan, factor.number.count);
  fork(TASK_PRODUCT, changetype<usize>(task));
  release(mark);
}

export function copyPlan(target: Plan, source: Plan): void {
  memory.copy(changetype<usize>(target), changetype<usize>(source), offsetof<Plan>());
}

/** Takes the factor as the task's b, transformed already. */
export function setKeptOperand(task: ProductTask, factor: KeptFactor): void {
  copyPlan(task.plan, factor.plan);
  task.ready = 2;
  setOperandB(task, factor.number);
  task.vectorsB = factor.vectors;
}

/** dst, with productRoom of room, = a factor. */
export function multiplyByFactor(result: Natural, dst: usize, a: Natural, factor: KeptFactor): void {
  if (!attemptByFactor(result, dst, a, factor)) multiply(result, dst, a, factor.number);
}

/** False where there is no transform for so long a product, or it cannot be trusted. */
function attemptByFactor(result: Natural, dst: usize, a: Natural, factor: KeptFactor): bool {
  if (factor.vectors === 0) return false;
  const bits = factor.plan.digitBits;
  const number = factor.number;
  if (digitCount(a.count, bits) + digitCount(number.count, bits) > factor.plan.total) return false;
  const mark = stackTop();
  const task = newTask();
  task.operation = PRODUCT;
  setKeptOperand(task, factor);
  setOperandA(task, a);
  task.vectorsA = allocateVectors(task.plan);
  task.digits = allocateVectors(task.plan);
  task.cutA = allocateCut(task.plan, a.count);
  task.dst = dst;
  task.words = a.count + number.count;
  const expected = multiplyResidues(a.residue, number.residue);
  const good = attempt(task, expected);
  if (good) finish(result, dst, task.words, expected);
  release(mark);
  return good;
}
