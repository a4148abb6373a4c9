import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { serviceVersion } from './service-version.ts';

it('every service tells the version of its package', () => {
  const services = new URL('../../../../services/', import.meta.url);
  for (const name of readdirSync(services)) {
    const { version } = JSON.parse(readFileSync(new URL(`${name}/package.json`, services), 'utf8'));
    expect([name, version]).toEqual([name, serviceVersion]);
  }
});
