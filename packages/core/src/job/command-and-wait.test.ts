import { expect, it } from 'vitest';
import { openStore, openVolume, temporaryFolder } from '../testing/temporary-volume.ts';
import { commandAndWait } from './command-and-wait.ts';
import { describeRefusal } from './describe-refusal.ts';

it.each([
  ['terminated', 'refused'],
  ['paused', 'pending'],
] as const)('a resumption that is undone by %s while it waits is %s', async (command, outcome) => {
  const folder = await temporaryFolder();
  // As two instances have them.
  const [ours, theirs] = [openStore(await openVolume(folder)), openStore(await openVolume(folder))];
  const { id } = await ours.create({ num: 1000, verify: false });
  await ours.command(id, 'paused');
  const waitUntil = async () => {
    await theirs.command(id, command);
    return ours.get(id);
  };
  const resumed = await commandAndWait(ours, { waitUntil }, id, 'running');
  expect(resumed).toMatchObject({ outcome, job: { state: command } });
});

it('a job that has not ended refuses because its end is on the way, and says so', () => {
  expect(describeRefusal({ id: '7', state: 'running' }, 'paused')).toEqual({
    detail: 'job 7 is being terminated and cannot become paused',
    members: { current_status: 'running', allowed: ['terminated'] },
  });
  expect(describeRefusal({ id: '7', state: 'completed' }, 'paused')).toEqual({
    detail: 'job 7 is completed and cannot become paused',
    members: { current_status: 'completed', allowed: [] },
  });
});
