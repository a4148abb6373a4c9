import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openDictionaryFolder } from './testing/dictionary-folder.ts';

describe.each(['grep', 'rg'] as const)('searching with %s', (program) => {
  const folder = openDictionaryFolder({ program });
  afterAll(() => folder[Symbol.dispose]());
  const numbers = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
  folder.write('numbers.txt', numbers);
  const search = (term: string, fields: Record<string, unknown> = {}) =>
    folder.ask({ action: 'search', dictionary: 'numbers.txt', term, ...fields });
  const answer = (results: string[], truncated = false) => ({
    'nr of entries': results.length,
    results,
    truncated,
  });

  test('it is this program that runs', async () => {
    const { exitCode } = await folder.runner.run({ program, args: ['--version'] });
    expect(exitCode).toBe(0);
  });

  test('every line that holds the term is a result, in the order of the file', async () => {
    expect(await search('e')).toEqual(answer(['one', 'three', 'five', 'seven', 'eight', 'nine', 'ten']));
  });

  test('no match is an empty answer, not an error', async () => {
    expect(await search('zebra')).toEqual(answer([]));
  });

  test('"all" gives every line, empty ones and a last one without newline too', async () => {
    folder.write('odd.txt', 'first\n\n\ttab \r\nlast');
    expect(await folder.ask({ action: 'all', dictionary: 'odd.txt' })).toEqual(
      answer(['first', '', '\ttab \r', 'last']),
    );
  });

  test('an empty dictionary has no entries', async () => {
    folder.write('empty.txt', '');
    expect(await folder.ask({ action: 'all', dictionary: 'empty.txt' })).toEqual(answer([]));
  });

  test('"truncated" is true only when more would have matched', async () => {
    expect(await search('e', { nresults: 6 })).toEqual(
      answer(['one', 'three', 'five', 'seven', 'eight', 'nine'], true),
    );
    expect((await search('e', { nresults: 7 })).truncated).toBe(false);
    expect(await search('two', { nresults: 1 })).toEqual(answer(['two']));
  });

  test.each([0, -1, -1000])('nresults %i means all', async (nresults) => {
    expect((await search('e', { nresults }))['nr of entries']).toBe(7);
  });

  test('a term is literal unless it is said to be an expression', async () => {
    folder.write('signs.txt', ['a.c', 'abc', '^a', 'a|b', '(x', '[y', 'back\\slash', '$HOME', '100%', 'a*']);
    const find = async (term: string, regex = false) =>
      (await folder.ask({ action: 'search', dictionary: 'signs.txt', term, regex })).results;
    for (const literal of ['a.c', '^a', 'a|b', '(x', '[y', 'back\\slash', '$HOME', '100%', 'a*']) {
      expect(await find(literal)).toEqual([literal]);
    }
    expect(await find('^a.c$', true)).toEqual(['a.c', 'abc']);
    expect(await find('^(a|b)+c$|%', true)).toEqual(['abc', '100%']);
  });

  test('text in any script is found, and an expression counts characters and not bytes', async () => {
    folder.write('scripts.txt', ['π ist überall', '円周率は無理数', 'пи', '🥧🥧', 'e\u0301']);
    const find = async (term: string, regex = false) =>
      (await folder.ask({ action: 'search', dictionary: 'scripts.txt', term, regex })).results;
    expect(await find('überall')).toEqual(['π ist überall']);
    expect(await find('率')).toEqual(['円周率は無理数']);
    expect(await find('^..$', true)).toEqual(['пи', '🥧🥧', 'e\u0301']);
  });

  test('bytes that are no text do not hide the lines around them', async () => {
    folder.write(
      'binary.txt',
      Buffer.concat([Buffer.from('pi one\npi '), Buffer.from([0xff, 0, 0x0a]), Buffer.from('pi two\n')]),
    );
    const { results } = await folder.ask({ action: 'search', dictionary: 'binary.txt', term: 'pi' });
    expect(results).toEqual(['pi one', 'pi \ufffd\0', 'pi two']);
  });

  test('a byte order mark and UTF-16 are left as they are', async () => {
    folder.write('bom.txt', '\ufefffirst\nsecond\n');
    expect((await folder.ask({ action: 'all', dictionary: 'bom.txt' })).results).toEqual([
      '\ufefffirst',
      'second',
    ]);
  });

  test('a match comes with its lines before and after, fewer at the edges of the file', async () => {
    expect(await search('five', { n_before: 1, n_after: 2 })).toEqual(answer(['four\nfive\nsix\nseven']));
    expect((await search('one', { n_before: 3, n_after: 1 })).results).toEqual(['one\ntwo']);
    expect((await search('ten', { n_before: 1, n_after: 3 })).results).toEqual(['nine\nten']);
    expect((await search('three', { n_before: 1 })).results).toEqual(['two\nthree']);
    expect((await search('three', { n_after: 1 })).results).toEqual(['three\nfour']);
  });

  test('matches that share lines have one whole entry each', async () => {
    // "even" is in seven, "ine" in nine; "e" in seven, eight, nine and ten.
    expect((await search('ei', { n_before: 1, n_after: 1, nresults: 5 })).results).toEqual([
      'seven\neight\nnine',
    ]);
    expect((await search('i', { n_before: 1, n_after: 1 })).results).toEqual([
      'four\nfive\nsix',
      'five\nsix\nseven',
      'seven\neight\nnine',
      'eight\nnine\nten',
    ]);
  });

  test('the last entry has its whole context although the lines in it match too', async () => {
    expect(await search('i', { n_after: 4, nresults: 1 })).toEqual(
      answer(['five\nsix\nseven\neight\nnine'], true),
    );
    expect(await search('o', { n_after: 9, nresults: 3 })).toEqual(
      answer([numbers.join('\n'), numbers.slice(1).join('\n'), 'four\nfive\nsix\nseven\neight\nnine\nten']),
    );
  });

  test('lines that look like the marks of the program do not confuse it', async () => {
    const marks = ['--', '1:pi', '12-pi', '-- pi', ':', '-', '3.14', '--'];
    folder.write('marks.txt', marks);
    const { results } = await folder.ask({
      action: 'search',
      dictionary: 'marks.txt',
      term: 'pi',
      n_before: 1,
      n_after: 1,
    });
    expect(results).toEqual(['--\n1:pi\n12-pi', '1:pi\n12-pi\n-- pi', '12-pi\n-- pi\n:']);
  });

  test('for any lines and fields the answer is that of the definition', { timeout: 60_000 }, async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', '-', ':', '1', ' '), maxLength: 3 });
    const small = fc.nat({ max: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 25 }),
        small,
        small,
        small,
        async (lines, nresults, n_before, n_after) => {
          folder.write('any.txt', lines);
          const places = lines.flatMap((text, at) => (text.includes('a') ? [at] : []));
          const shown = nresults === 0 ? places : places.slice(0, nresults);
          const entries = shown.map((at) =>
            lines.slice(Math.max(0, at - n_before), at + n_after + 1).join('\n'),
          );
          expect(
            await folder.ask({
              action: 'search',
              dictionary: 'any.txt',
              term: 'a',
              nresults,
              n_before,
              n_after,
            }),
          ).toEqual(answer(entries, shown.length < places.length));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('an answer is cut at a whole entry when it becomes too large', async () => {
    using small = openDictionaryFolder({ program, maxResultSize: 10 * (10 + 8) });
    small.write('quotes.txt', Array(11).fill('0123456789'));
    expect(await small.ask({ action: 'all' })).toEqual(answer(Array(10).fill('0123456789'), true));
    small.write('quotes.txt', Array(10).fill('0123456789'));
    expect(await small.ask({ action: 'all' })).toEqual(answer(Array(10).fill('0123456789')));
    small.write('quotes.txt', Array(60).fill('x'));
    const wide = await small.ask({ action: 'search', term: 'x', n_before: 10, n_after: 10 });
    expect(wide.truncated).toBe(true);
    expect(wide.results[0]).toBe(Array(11).fill('x').join('\n'));
    expect(wide.results.length).toBeLessThan(10);
  });

  test('a line longer than a mebibyte cuts the answer and is not left out in silence', async () => {
    folder.write('long.txt', ['short', 'x'.repeat(2_000_000), 'never reached']);
    expect(await folder.ask({ action: 'all', dictionary: 'long.txt' })).toEqual(answer(['short'], true));
  });

  test('an expression that is none is the caller’s fault, and the message names no path', async () => {
    const failing = search('(unclosed', { regex: true });
    await expect(failing).rejects.toMatchObject({
      name: 'DictionaryError',
      kind: 'invalid_query',
      status: 400,
    });
    await expect(failing).rejects.toThrow(/no valid expression: .*[A-Za-z]/);
    await expect(failing).rejects.not.toThrow('/');
  });

  test('a query whose caller goes away ends its program and throws the reason', async () => {
    const caller = new AbortController();
    const query = search('e', { n_after: 1 });
    const gone = folder.ask({ action: 'all', dictionary: 'numbers.txt' }, caller.signal);
    caller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    await query;
  });
});

test('the shipped dictionaries are found with the default name and by name', async () => {
  const { shippedDictionaries } = await import('./shipped-dictionaries.ts');
  using folder = openDictionaryFolder({ dir: shippedDictionaries });
  const quotes = await folder.ask({ action: 'all' });
  expect(quotes['nr of entries']).toBeGreaterThanOrEqual(300);
  const facts = await folder.ask({ action: 'all', dictionary: 'pi-facts.txt' });
  expect(facts['nr of entries']).toBeGreaterThanOrEqual(150);
  for (const { results } of [quotes, facts]) {
    expect(new Set(results).size).toBe(results.length);
    for (const line of results) expect(line).toBe(line.trim().normalize('NFC'));
  }
});

test('a program that was asked for but is not there is replaced by grep', async () => {
  using folder = openDictionaryFolder({
    program: 'rg',
    running: { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } },
  });
  folder.write('quotes.txt', ['here']);
  expect(spawnSync('rg', ['--version'], { env: { PATH: '/usr/bin:/bin' } }).error).toBeDefined();
  expect((await folder.ask({ action: 'all' })).results).toEqual(['here']);
});

test('a full line at the first search does not settle the program for good', async () => {
  using folder = openDictionaryFolder({ program: 'rg', running: { maxRunning: 1, maxWaiting: 0 } });
  // What only rg takes for an expression tells which of the two ran.
  folder.write('quotes.txt', ['a1']);
  const query = { action: 'search', term: '\\x61\\d', regex: true };
  const busy = folder.runner.run({ program: 'sleep', args: ['0.3'] });
  await expect(folder.ask(query)).rejects.toMatchObject({ kind: 'line_full' });
  await busy;
  expect((await folder.ask(query)).results).toEqual(['a1']);
});

test('an answer holds what grep in a terminal prints', async () => {
  const { shippedDictionaries } = await import('./shipped-dictionaries.ts');
  using folder = openDictionaryFolder({ dir: shippedDictionaries });
  for (const term of ['pi', 'patience', 'the', '3.14']) {
    const { stdout } = spawnSync('grep', ['-F', term, join(shippedDictionaries, 'pi-facts.txt')], {
      encoding: 'utf8',
    });
    const { results } = await folder.ask({ action: 'search', term, dictionary: 'pi-facts.txt' });
    expect(results.map((line) => `${line}\n`).join('')).toBe(stdout);
  }
});
