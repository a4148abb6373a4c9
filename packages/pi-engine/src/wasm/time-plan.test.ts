import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TimePlan } from './time-plan.ts';

const phases = ['splitting', 'root', 'division', 'conversion', 'certification', 'verification'] as const;

const plans = fc
  .record({
    decimals: fc.integer({ min: 1000, max: 1_000_000_000 }),
    threads: fc.integer({ min: 1, max: 64 }),
    verify: fc.boolean(),
    firstDigit: fc.constant(0),
  })
  .map((run) => ({ run, plan: new TimePlan(run) }));

it('whatever is computed, each phase begins where the one before ends, the first at 0 and the last ends at 1', () => {
  fc.assert(
    fc.property(plans, ({ run, plan }) => {
      let reached = 0;
      for (const phase of phases) {
        expect(plan.shareAt({ phase, work: 0 })).toBeCloseTo(reached, 9);
        reached = plan.endOf(phase);
      }
      expect(reached).toBeCloseTo(1, 9);
      expect(plan.endOf('conversion') < 0.999).toBe(run.verify);
    }),
  );
});

it('within a phase the share grows with the work, up to its end and not beyond', () => {
  fc.assert(
    fc.property(
      plans,
      fc.double({ min: 0, max: 1e13, noNaN: true }),
      fc.nat(1e12),
      ({ plan }, work, more) => {
        for (const phase of phases) {
          const share = plan.shareAt({ phase, work });
          const later = plan.shareAt({ phase, work: work + more });
          expect(share).toBeGreaterThanOrEqual(0);
          expect(later).toBeGreaterThanOrEqual(share);
          expect(later).toBeLessThanOrEqual(plan.endOf(phase) + 1e-9);
        }
      },
    ),
  );
});

it('the conversion of digits that are there already counts as done, unless a certificate is about them too', () => {
  const run = { decimals: 10_000_000, threads: 2, firstDigit: 9_000_000 };
  const [begun, certified] = [false, true].map((verify) => {
    const plan = new TimePlan({ ...run, verify });
    const from = plan.endOf('division');
    return (plan.shareAt({ phase: 'conversion', work: 0 }) - from) / (plan.endOf('conversion') - from);
  });
  expect(begun).toBeCloseTo(0.9, 3);
  expect(certified).toBeCloseTo(0, 9);
});
