import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, type SourceFile, sourcesOf, type Workspace, workspaces } from '../support/source-files.ts';

const all = workspaces();
const services = all.filter(({ isService }) => isService);
const NUMBERS = ['core', 'bignum', 'pi-engine', 'digit-tools'];
const CORE_AND_TOOLS = ['core', 'process-runner', 'image-engine'];
/** What each package may import of the others: the table of layers in docs/architecture.md. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  bignum: NUMBERS,
  'pi-engine': NUMBERS,
  'digit-tools': NUMBERS,
  'process-runner': [],
  'image-engine': [],
  'file-exchange': CORE_AND_TOOLS,
  'digit-archive': CORE_AND_TOOLS,
  dictionary: CORE_AND_TOOLS,
  'image-jobs': CORE_AND_TOOLS,
  'aws-store': CORE_AND_TOOLS,
  'resumable-uploads': [...CORE_AND_TOOLS, 'file-exchange'],
  'http-kit': ['core'],
  'http-files': ['core', 'http-kit', 'file-exchange'],
  client: ['core'],
  cli: ['core', 'client'],
};
/** They stand on nothing but Node.js, and core on zod besides. */
const WITHOUT_LIBRARIES = ['bignum', 'pi-engine', 'digit-tools'];
const LIBRARIES_OF_TESTS = ['vitest', 'fast-check'];
/** Classes that name where things are kept, and factories of what computes: chosen in one file of each service. */
const CHOICES = /\b(?:File(?:Volume|JobStore|WorkQueue|WorkerSlots|DigitSource)|createDigitEngine)\b/;

const packages = all.filter(({ isService }) => !isService);

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Packages that a file imports, Node.js's own modules and its own package apart. */
function packagesOf({ imports }: SourceFile): string[] {
  return imports.filter((name) => !name.startsWith('.') && !name.startsWith('node:')).map(packageOf);
}

/** Every import of the workspace's code (tests apart) that `isAllowed` does not let through, as `file -> package`. */
function trespasses(workspace: Workspace, isAllowed: (name: string) => boolean): string[] {
  return sourcesOf(workspace)
    .filter(({ isTest }) => !isTest)
    .flatMap((file) =>
      packagesOf(file)
        .filter((name) => !isAllowed(name))
        .map((name) => `${file.path} -> ${name}`),
    );
}

function find(name: string): Workspace {
  const found = all.find((workspace) => workspace.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

describe('imports', () => {
  it('lead from core to zod and Node.js alone', () => {
    expect(trespasses(find('core'), (name) => name === 'zod')).toEqual([]);
  });

  it.each(WITHOUT_LIBRARIES)('lead from the number package %s to no library', (name) => {
    expect(trespasses(find(name), (imported) => imported.startsWith('@pi-jobs/'))).toEqual([]);
  });

  it.each(packages.map(({ name }) => name))('lead from %s to packages that its layer may use', (name) => {
    const allowed = [...(LAYERS[name] ?? []), name].map((one) => `@pi-jobs/${one}`);
    const isAllowed = (imported: string) => !imported.startsWith('@pi-jobs/') || allowed.includes(imported);
    expect(LAYERS).toHaveProperty([name]);
    expect(trespasses(find(name), isAllowed)).toEqual([]);
  });

  it('of every package are in the table of layers of docs/architecture.md', () => {
    const document = readFileSync(`${root}docs/architecture.md`, 'utf8');
    const layers = document.slice(document.indexOf('\n## Layers'), document.indexOf('\n## A service'));
    const missing = packages.filter(({ folder }) => !layers.includes(`\`${folder}\``));
    expect(missing.map(({ folder }) => folder)).toEqual([]);
  });

  it.each(all.map(({ folder, name }) => [folder, name]))('lead from %s to no service', (_, name) => {
    const names = services.map((service) => `@pi-jobs/${service.name}`);
    expect(trespasses(find(name ?? ''), (imported) => !names.includes(imported))).toEqual([]);
  });

  it.each(all.map(({ folder, name }) => [folder, name]))(
    'of %s stay in its own sources, or go to what it declares',
    (_, name) => {
      const workspace = find(name ?? '');
      const { dependencies, devDependencies, folder } = workspace;
      const wrong: string[] = [];
      for (const file of sourcesOf(workspace)) {
        for (const imported of packagesOf(file)) {
          const isDeclared =
            dependencies.has(imported) ||
            imported === `@pi-jobs/${workspace.name}` ||
            (file.isTest && (devDependencies.has(imported) || LIBRARIES_OF_TESTS.includes(imported)));
          if (!isDeclared) wrong.push(`${file.path} -> ${imported}`);
        }
        for (const relative of file.imports.filter((one) => one.startsWith('.'))) {
          const target = resolve('/', dirname(file.path), relative);
          if (!target.startsWith(`/${folder}/src/`) && target !== `/${folder}/package.json`)
            wrong.push(`${file.path} -> ${relative}`);
          if (!file.isTest && /\.test\.ts$|\/testing\//.test(target))
            wrong.push(`${file.path} -> ${relative}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );

  it('between files go round in no circle, those of types alone included', () => {
    const files = all.flatMap(sourcesOf).filter(({ isTest }) => !isTest);
    const importsOf = new Map(
      files.map(({ path, imports }) => [
        path,
        imports.filter((one) => one.startsWith('.')).map((one) => resolve('/', dirname(path), one).slice(1)),
      ]),
    );
    const finished = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) throw new Error([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (finished.has(file)) return;
      for (const imported of importsOf.get(file) ?? []) visit(imported, [...path, file]);
      finished.add(file);
    };
    for (const { path } of files) visit(path, []);
  });

  it('between packages go round in no circle', () => {
    const visit = (name: string, path: readonly string[]): void => {
      if (path.includes(name)) throw new Error([...path, name].join(' -> '));
      for (const dependency of find(name).dependencies) {
        if (dependency.startsWith('@pi-jobs/')) visit(dependency.slice('@pi-jobs/'.length), [...path, name]);
      }
    };
    for (const { name } of all) visit(name, []);
  });
});

it.each(services.map((service) => [service.folder, service] as const))(
  '%s names its store and its engine in its composition alone',
  (folder, service) => {
    const naming = sourcesOf(service).filter(({ isTest, text }) => !isTest && CHOICES.test(text));
    expect(naming.map(({ path }) => path)).toEqual(
      naming.map(({ path }) => path).filter((path) => path.startsWith(`${folder}/src/compose`)),
    );
  },
);
