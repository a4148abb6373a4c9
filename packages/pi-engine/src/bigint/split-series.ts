import type { CheckpointKeeper } from './checkpoint-keeper.ts';
import { nodeMs, subtreeMs } from './cost-model.ts';
import type { PackedInteger } from './packed-integer.ts';
import type { PlanNode } from './split-plan.ts';
import type { StepRunner } from './step-runner.ts';
import type { PackedPart } from './tasks.ts';

export interface SplittingContext {
  readonly steps: StepRunner;
  readonly checkpoints: CheckpointKeeper;
  /** Parts that cost at least so much are kept for a later run. */
  readonly checkpointMs: number;
  /** Called with every node that is a rung of the ladder, while the splitting goes on. */
  readonly onRung: (digits: number, part: PackedPart) => void;
}

/** P, Q and T of a node: loaded if an earlier run left them, else computed from its halves, lower terms first. */
export async function splitSeries(node: PlanNode, context: SplittingContext): Promise<PackedPart> {
  const kept = await loadPart(node, context);
  if (kept !== undefined) context.steps.skip(subtreeMs(node));
  const part = kept ?? (await computePart(node, context));
  if (kept === undefined && subtreeMs(node) >= context.checkpointMs) {
    context.steps.inBackground(savePart(node, part, context.checkpoints));
  }
  if (node.rungDigits !== undefined) context.onRung(node.rungDigits, part);
  return part;
}

async function computePart(node: PlanNode, context: SplittingContext): Promise<PackedPart> {
  const { steps } = context;
  const { from, to, needsP } = node;
  if (node.halves === undefined) {
    return steps.run('split', { from, to, withP: needsP }, { priority: from, cost: nodeMs(node) });
  }
  const [left, right] = await Promise.all(node.halves.map((half) => splitSeries(half, context)));
  if (left?.p === undefined || right === undefined)
    throw new Error('a left half of the splitting tree has no P');
  // Four products of like size: two and a half for P and Q or T each, so that two threads share the top of the tree.
  const each = { priority: from, cost: nodeMs(node) / 4 };
  const multiply = (a: PackedInteger, b: PackedInteger) => steps.run('multiply', { left: a, right: b }, each);
  const [t, q, p] = await Promise.all([
    steps.run(
      'joinSums',
      { leftP: left.p, leftT: left.t, rightQ: right.q, rightT: right.t },
      { priority: from, cost: nodeMs(node) / 2 },
    ),
    multiply(left.q, right.q),
    needsP && right.p !== undefined ? multiply(left.p, right.p) : undefined,
  ]);
  return { p, q, t };
}

async function loadPart(node: PlanNode, { checkpoints }: SplittingContext): Promise<PackedPart | undefined> {
  const [p, q, t] = (await checkpoints.load(keyOf(node))) ?? [];
  if (q === undefined || t === undefined || (node.needsP && p === undefined)) return undefined;
  return { p, q, t };
}

function savePart(node: PlanNode, part: PackedPart, checkpoints: CheckpointKeeper): Promise<void> {
  const isWithin = (key: string): boolean => {
    const [, from, to] = /^terms\.(\d+)-(\d+)$/.exec(key) ?? [];
    return from !== undefined && node.from <= Number(from) && Number(to) <= node.to;
  };
  return checkpoints.save(keyOf(node), [part.p, part.q, part.t], isWithin);
}

function keyOf(node: PlanNode): string {
  return `terms.${node.from}-${node.to}`;
}
