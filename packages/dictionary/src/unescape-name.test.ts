import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unescapeName } from './unescape-name.ts';

test('whatever a file is called, its name comes back from ls', { timeout: 60_000 }, () => {
  const unit = fc.constantFrom(...'aé語🥧 \\"\'*-\n\t\r\x01\x7f\u00a0\u200b\u202e0129n'.split(/(?:)/u));
  const names = fc.uniqueArray(fc.string({ unit, minLength: 1, maxLength: 12 }), {
    minLength: 20,
    maxLength: 20,
  });
  fc.assert(
    fc.property(names, (wanted) => {
      const dir = mkdtempSync(join(tmpdir(), 'names-'));
      try {
        for (const name of wanted) writeFileSync(join(dir, name), '');
        const shown = execFileSync('ls', ['-1', '-b', '--', dir], {
          encoding: 'utf8',
          env: { LC_ALL: 'C.UTF-8' },
        });
        expect(shown.split('\n').slice(0, -1).map(unescapeName).sort()).toEqual([...wanted].sort());
      } finally {
        rmSync(dir, { recursive: true });
      }
    }),
    { numRuns: 20 },
  );
});
