import type { Route } from './define-route.ts';

export interface RouteMatch {
  readonly route: Route;
  /** Decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export type Lookup =
  | { readonly found: RouteMatch }
  /** The path exists; `methods` are those it takes. */
  | { readonly methods: readonly string[] }
  | undefined;

const noParams: Readonly<Record<string, string>> = Object.freeze({});

interface PathNode {
  readonly path: string;
  readonly segments: readonly string[];
  readonly byMethod: Map<string, Route>;
}

/**
 * Finds the route of a request. Express's own router tries its layers one after the other and does not know which methods a
 * path has; this table answers 405 with `Allow`, serves HEAD from GET, prefers fixed segments over parameters whatever the
 * order of registration, and costs one Map look-up for a fixed path.
 */
export class RouteTable {
  readonly #fixed = new Map<string, PathNode>();
  readonly #templates: PathNode[] = [];

  constructor(routes: Iterable<Route>) {
    for (const route of routes) this.#add(route);
    this.#templates.sort((a, b) => (specificity(a) < specificity(b) ? -1 : 1));
  }

  /** `path` is as sent, without the query, with its percent-encoding. Throws a URIError when that is broken. */
  find(method: string, path: string): Lookup {
    const plain = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    const fixed = this.#fixed.get(plain);
    if (fixed !== undefined) {
      const route = routeFor(fixed, method);
      if (route !== undefined) return { found: { route, params: noParams } };
    }
    const segments = plain.split('/');
    return this.#search(method, plain.includes('%') ? segments.map(decodeURIComponent) : segments);
  }

  #search(method: string, segments: readonly string[]): Lookup {
    const methods = new Set<string>();
    const fixed = this.#fixed.get(segments.join('/'));
    for (const node of fixed === undefined ? this.#templates : [fixed, ...this.#templates]) {
      const params = matchSegments(node.segments, segments);
      if (params === undefined) continue;
      const route = routeFor(node, method);
      if (route !== undefined) return { found: { route, params } };
      for (const known of methodsOf(node)) methods.add(known);
    }
    return methods.size === 0 ? undefined : { methods: [...methods] };
  }

  #add(route: Route): void {
    const segments = route.path.split('/');
    const isTemplate = segments.some((segment) => isParameter(segment));
    const shape = segments.map((segment) => (isParameter(segment) ? segment[0] : segment)).join('/');
    let node = isTemplate
      ? this.#templates.find((known) => specificity(known) === specificity({ segments }))
      : this.#fixed.get(shape);
    if (node === undefined) {
      node = { path: route.path, segments, byMethod: new Map() };
      if (isTemplate) this.#templates.push(node);
      else this.#fixed.set(shape, node);
    }
    if (node.path !== route.path)
      throw new Error(`${route.path} and ${node.path} are one path under two names`);
    if (node.byMethod.has(route.method)) throw new Error(`${route.method} ${route.path} is defined twice`);
    node.byMethod.set(route.method, route);
  }
}

function isParameter(segment: string): boolean {
  return segment.startsWith(':') || segment.startsWith('*');
}

/** Sorts fixed segments before parameters and those before the rest of a path; equal only for paths of one shape. */
function specificity(node: Pick<PathNode, 'segments'>): string {
  return node.segments
    .map((segment) => (segment.startsWith(':') ? '2' : segment.startsWith('*') ? '3' : `1${segment}`))
    .join('/');
}

function routeFor(node: PathNode, method: string): Route | undefined {
  return node.byMethod.get(method) ?? (method === 'HEAD' ? node.byMethod.get('GET') : undefined);
}

function methodsOf(node: PathNode): string[] {
  const methods = [...node.byMethod.keys()];
  if (node.byMethod.has('GET') && !node.byMethod.has('HEAD')) methods.push('HEAD');
  if (!node.byMethod.has('OPTIONS')) methods.push('OPTIONS');
  return methods;
}

function fits(expected: string, segment: string): boolean {
  if (expected === segment) return true;
  return expected.startsWith(':') ? segment !== '' : expected.startsWith('*');
}

function matchSegments(
  template: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const last = template.at(-1) ?? '';
  const takesRest = last.startsWith('*');
  if (takesRest ? segments.length < template.length : segments.length !== template.length) return undefined;
  // From the end: the last segment is where the paths of one resource differ.
  for (let index = template.length - 1; index >= 0; index -= 1) {
    if (!fits(template[index] ?? '', segments[index] ?? '')) return undefined;
  }
  const params: Record<string, string> = {};
  template.forEach((expected, index) => {
    if (expected.startsWith('*')) params[expected.slice(1)] = segments.slice(index).join('/');
    else if (expected.startsWith(':')) params[expected.slice(1)] = segments[index] ?? '';
  });
  return params;
}
