import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startProcess } from './testing/index.ts';

const example = new URL('../fixtures/example-service.ts', import.meta.url);
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('shows the example service as it is', () => {
    expect(readme).toContain(`\`\`\`ts\n${readFileSync(example, 'utf8')}\`\`\`\n`);
  });

  it('shows an example that works', async () => {
    const service = await startProcess(example, { JOB_API_PORT: '0' });
    const greet = (name: string, body: string) =>
      fetch(`${service.url}/greetings/${name}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      });
    expect(await (await greet('Ada', '{"times":2}')).json()).toEqual({ text: 'Hello Ada. Hello Ada.' });
    expect(await (await greet('Ada!', '{"times":2}')).json()).toMatchObject({
      code: 'too_loud',
      status: 409,
    });
    expect((await greet('Ada', '{"times":4}')).status).toBe(400);
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
  });
});
