/**
 * Joins the command's sources in two files, run after `tsc -b`, whose output they replace: Node takes about a millisecond to find and
 * load a module. `main.js` is what small counts need and what starts the threads, `run-command.js` the rest, but for what few runs need.
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(home, 'dist', 'cli');

/** Not joined: few runs need them, but for the threads and the errors, which there must be only one of. */
const apart =
  /\/(bigint-engine|digit-engine|digit-tally|verify-hex-tail|verify-decimal-digits|spare-threads|run-command)\.ts$/;
/** What the two files load. */
const loaded = new Set();

/** Where what was compiled from a source lies, as the files in `folder` see it. */
function compiled(source) {
  // Folders above may have any name: the package's own is the last.
  const file = source.replace(/\/src\/(?!.*\/src\/)/, '/dist/').replace(/\.ts$/, '.js');
  return relative(folder, file).replace(/^(?!\.)/, './');
}

const compiledOnes = {
  name: 'compiled-ones',
  async resolveId(name, importer) {
    const found = importer && (await this.resolve(name, importer, { skipSelf: true }));
    if (!found || !apart.test(found.id)) return null;
    loaded.add(compiled(found.id));
    return { id: compiled(found.id), external: true };
  },
  /** Sources find files beside their own compiled form, not beside what they are joined in. */
  transform(code, source) {
    if (!code.includes('import.meta.url')) return null;
    const url = `new URL(${JSON.stringify(compiled(source))}, import.meta.url).href`;
    return { code: code.replaceAll('import.meta.url', url), map: null };
  },
};

for (const name of ['main', 'run-command']) {
  const bundle = await rolldown({
    input: join(home, 'src', 'cli', `${name}.ts`),
    platform: 'node',
    resolve: { conditionNames: ['@pi-jobs/source', 'node', 'import', 'default'] },
    plugins: [compiledOnes],
    // A module that is imported at once in one place and on demand in another is there at once.
    onLog: (level, log) => log.code === 'INEFFECTIVE_DYNAMIC_IMPORT' || console[level](log.message),
  });
  await bundle.write({ file: join(folder, `${name}.js`), codeSplitting: false });
}

for (const file of loaded)
  if (!existsSync(join(folder, file))) throw new Error(`the command would not find ${file}`);
