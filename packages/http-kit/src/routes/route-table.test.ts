import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Method, Route } from './define-route.ts';
import { RouteTable } from './route-table.ts';

function route(method: Method, path: string): Route {
  return { method, path, summary: '', responses: {}, handler: () => undefined };
}

function find(table: RouteTable, method: string, path: string): string | readonly string[] | undefined {
  const found = table.find(method, path);
  if (found === undefined) return undefined;
  return 'methods' in found
    ? found.methods
    : `${found.found.route.path} ${JSON.stringify(found.found.params)}`;
}

describe('a route table', () => {
  const table = new RouteTable([
    route('GET', '/a/:x'),
    route('DELETE', '/a/:x'),
    route('POST', '/a/new'),
    route('GET', '/a/:x/b'),
    route('GET', '/a/*rest'),
    route('GET', '/'),
    route('OPTIONS', '/tus'),
    route('HEAD', '/tus'),
  ]);

  it('decodes parameters, slashes within them included', () => {
    expect(find(table, 'GET', '/a/%2Fetc%20x')).toBe('/a/:x {"x":"/etc x"}');
  });

  it('matches encoded fixed segments, but no slash made of %2F', () => {
    expect(find(table, 'POST', '/a/%6eew')).toBe('/a/new {}');
    expect(find(table, 'POST', '/a%2Fnew')).toBe(undefined);
  });

  it('prefers fixed segments, then parameters, then the rest', () => {
    expect(find(table, 'POST', '/a/new')).toBe('/a/new {}');
    expect(find(table, 'GET', '/a/new')).toBe('/a/:x {"x":"new"}');
    expect(find(table, 'GET', '/a/1/b')).toBe('/a/:x/b {"x":"1"}');
    expect(find(table, 'GET', '/a/1/c/d')).toBe('/a/*rest {"rest":"1/c/d"}');
  });

  it('names the methods of every path that matches', () => {
    expect(find(table, 'PUT', '/a/new')).toEqual(['POST', 'OPTIONS', 'GET', 'DELETE', 'HEAD']);
  });

  it('lets a route handle HEAD and OPTIONS itself', () => {
    expect(find(table, 'OPTIONS', '/tus')).toBe('/tus {}');
    expect(find(table, 'HEAD', '/tus')).toBe('/tus {}');
    expect(find(table, 'GET', '/tus')).toEqual(['OPTIONS', 'HEAD']);
  });

  it('matches no empty parameter', () => {
    expect(find(new RouteTable([route('GET', '/a/:x/b')]), 'GET', '/a//b')).toBe(undefined);
  });

  it('serves the root', () => {
    expect(find(table, 'GET', '/')).toBe('/ {}');
  });

  it('gives back every parameter exactly as it was before it was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        fc.pre(value.isWellFormed() && value !== 'new');
        const found = table.find('GET', `/a/${encodeURIComponent(value)}`);
        expect(found).toMatchObject({ found: { params: { x: value } } });
      }),
    );
  });

  it('finds the same whether a slash ends the path or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'new', '1'), { minLength: 1, maxLength: 4 }),
        (segments) => {
          const path = `/${segments.join('/')}`;
          expect(find(table, 'GET', `${path}/`)).toEqual(find(table, 'GET', path));
        },
      ),
    );
  });
});
