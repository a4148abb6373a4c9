import { describe, expect, it } from 'vitest';
import { createServiceApp } from '../app/create-service-app.ts';
import { collectLog } from '../testing/index.ts';
import { listenError } from './start-error.ts';
import { type StartOptions, startServer } from './start-server.ts';

async function start(options: Pick<StartOptions, 'onDrain' | 'onClose'>) {
  const { logger, lines } = collectLog();
  const app = createServiceApp({ name: 't', title: 'T', description: '', version: '0', logger, routes: [] });
  const base = {
    app,
    name: 't',
    logger,
    host: '127.0.0.1',
    port: 0,
    shutdownTimeoutMs: 500,
    ownsProcess: false,
  };
  return { running: await startServer({ ...base, ...options }), lines };
}

describe('the hooks of a stop', () => {
  it('run once, the closing ones one after the other, however often the stop is asked for', async () => {
    const order: string[] = [];
    const slowly = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push('close 1');
    };
    const { running } = await start({
      onDrain: [() => order.push('drain')],
      onClose: [slowly, () => order.push('close 2')],
    });
    expect(await Promise.all([running.stop(), running.stop()])).toEqual([true, true]);
    expect(order).toEqual(['drain', 'close 1', 'close 2']);
  });

  it('that fail are logged, keep no other from running, and make the stop an unclean one', async () => {
    let isClosed = false;
    const { running, lines } = await start({
      onDrain: [() => Promise.reject(new Error('no lease'))],
      onClose: [
        () => {
          throw new Error('no flush');
        },
        () => {
          isClosed = true;
        },
      ],
    });
    expect(await running.stop()).toBe(false);
    expect(isClosed).toBe(true);
    expect(lines.filter((line) => line['msg'] === 'a stop hook failed')).toHaveLength(2);
  });

  it('that hang are left behind in time', async () => {
    const { running, lines } = await start({ onDrain: [() => new Promise(() => undefined)] });
    expect(await running.stop()).toBe(false);
    expect(lines.some((line) => String(line['msg']).includes('did not drain in time'))).toBe(true);
  });
});

describe('an address that cannot be had', () => {
  it('is explained by its error code', () => {
    const explain = (code: string) =>
      listenError(Object.assign(new Error(code), { code }), 'h', 80, 'PORT').message;
    expect(explain('EADDRINUSE')).toBe(
      'cannot listen on h:80: the port is already in use; set PORT to another port (0 picks a free one)',
    );
    expect(explain('EACCES')).toContain('this user may not use the port; set PORT');
    expect(explain('ENOTFOUND')).toContain('the host name is not known');
    expect(explain('EWHATEVER')).toBe('cannot listen on h:80: the system answered EWHATEVER');
  });
});
