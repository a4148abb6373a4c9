import { readdirSync, readFileSync } from 'node:fs';

export const root = new URL('../../', import.meta.url).pathname;

export interface Workspace {
  /** `packages/core` */
  readonly folder: string;
  /** `core` */
  readonly name: string;
  readonly isService: boolean;
  /** What its package.json declares; development dependencies apart. */
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

export interface SourceFile {
  /** `packages/core/src/index.ts` */
  readonly path: string;
  readonly text: string;
  /** Tests, and what only tests use. */
  readonly isTest: boolean;
  /** As written: `node:fs`, `zod`, `@pi-jobs/core`, `./x.ts`. */
  readonly imports: readonly string[];
}

/** The packages and the services. */
export function workspaces(): Workspace[] {
  return ['packages', 'services'].flatMap((parent) =>
    readdirSync(`${root}${parent}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && hasManifest(`${parent}/${entry.name}`))
      .map(({ name }) => {
        const manifest = JSON.parse(readFileSync(`${root}${parent}/${name}/package.json`, 'utf8'));
        return {
          folder: `${parent}/${name}`,
          name,
          isService: parent === 'services',
          dependencies: new Set(Object.keys(manifest.dependencies ?? {})),
          devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
        };
      }),
  );
}

/** The TypeScript sources of a package or a service. */
export function sourcesOf({ folder }: Workspace): SourceFile[] {
  return readdirSync(`${root}${folder}/src`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = `${folder}/src/${name}`;
      const text = readFileSync(`${root}${path}`, 'utf8');
      const isTest = /\.test\.ts$|\.contract-suite\.ts$|(^|\/)testing\//.test(name);
      return { path, text, isTest, imports: importsOf(text) };
    });
}

function hasManifest(folder: string): boolean {
  return readdirSync(`${root}${folder}`).includes('package.json');
}

function importsOf(text: string): string[] {
  const patterns = [/\bfrom '([^']+)'/g, /^import '([^']+)'/gm, /\bimport\('([^']+)'\)/g];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, specifier]) => specifier ?? ''));
}
