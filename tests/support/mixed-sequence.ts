import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** So many short files begin between two that start services: enough to be left over for the end. */
const BETWEEN = 4;

/**
 * Spreads the tests of whole systems over the run. They start many processes and wait for them, so several at once starve each
 * other while the rest of a run made of short ones would leave nothing to fill their waits; and one that began last would run alone.
 */
export class MixedSequence extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSystem = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/tests/src/');
    const systems = sorted.filter(isSystem);
    const others = sorted.filter((file) => !isSystem(file));
    const mixed = systems.flatMap((file, index) => [
      file,
      ...others.slice(index * BETWEEN, (index + 1) * BETWEEN),
    ]);
    return [...mixed, ...others.slice(systems.length * BETWEEN)];
  }
}
