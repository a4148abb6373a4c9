import { describe, expect, it } from 'vitest';
import { HostNames } from './host-names.ts';

/** The statuses of requests under these names; 200 stands for no refusal. */
function statuses(bindHost: string, allowed: readonly string[] | undefined, hosts: readonly string[]) {
  const names = new HostNames();
  names.restrict(bindHost, allowed);
  return hosts.map((host) => {
    try {
      names.require({ headers: { host } });
      return 200;
    } catch (error) {
      return (error as { status: number }).status;
    }
  });
}

const OWN = [
  'localhost',
  'LOCALHOST:5000',
  'localhost.:5000',
  'job-api:5000',
  'my-laptop',
  'app.localhost:80',
  '127.0.0.1:5000',
  '192.168.1.7',
  '[::1]:5000',
  '[::ffff:127.0.0.1]:5000',
  '',
];
const FOREIGN = ['evil.example', 'evil.example:5000', 'EVIL.example.', '127.0.0.1.evil.example', 'a.b', '..'];

describe('the names of a service', () => {
  it('on the loopback interface are those that no page can have', () => {
    for (const bindHost of ['127.0.0.1', '::1', 'localhost', '127.8.0.1']) {
      expect(statuses(bindHost, undefined, OWN)).toEqual(OWN.map(() => 200));
      expect(statuses(bindHost, undefined, FOREIGN)).toEqual(FOREIGN.map(() => 421));
    }
  });

  it('are any where others reach it, in a container for one', () => {
    expect(statuses('0.0.0.0', undefined, [...OWN, ...FOREIGN])).toEqual([...OWN, ...FOREIGN].map(() => 200));
  });

  it('are what a list says, wherever it listens', () => {
    const hosts = ['files.example.org', 'Files.Example.Org:443', 'example.org', 'evil.example'];
    for (const bindHost of ['127.0.0.1', '0.0.0.0']) {
      expect(statuses(bindHost, ['files.example.org'], hosts)).toEqual([200, 200, 421, 421]);
      expect(statuses(bindHost, ['*'], hosts)).toEqual([200, 200, 200, 200]);
    }
  });
});
