import { createHash } from 'node:crypto';
import { escapeHtml } from '../html/escape-html.ts';
import type { ProblemCatalogue } from '../problems/define-problems.ts';
import type { OpenApiContent, OpenApiDocument, OpenApiOperation } from './openapi-document.ts';

const style = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: #1c1c22; background: #fff; }
h1, h2, h3 { line-height: 1.2; } h3 { margin: 0; font-size: 1rem; display: inline; }
code, pre { font: 14px/1.45 ui-monospace, monospace; } pre { overflow: auto; padding: .75rem; background: #f3f3f7; }
details { border: 1px solid #c9c9d3; border-radius: 6px; margin: .5rem 0; padding: .5rem .75rem; }
summary { cursor: pointer; } summary b { display: inline-block; min-width: 4.5rem; }
table { border-collapse: collapse; width: 100%; } th, td { border-top: 1px solid #dcdce4; padding: .3rem .5rem; text-align: left; vertical-align: top; }
@media (prefers-color-scheme: dark) { body { color: #e8e8ee; background: #17171c; } pre { background: #24242c; } a { color: #9db7ff; } }
`;

/** Nothing is loaded and no script runs; the one style sheet is the page's own. */
export const docsPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The OpenAPI document for people: one page, readable without JavaScript, with an entry for each problem code. */
export function renderDocsPage(document: OpenApiDocument, problems: ProblemCatalogue): string {
  const { title, description, version } = document.info;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      renderOperation(method.toUpperCase(), path, operation),
    ),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1>
<p>${escapeHtml(description)}</p><p>For programs: <a href="/openapi.json">OpenAPI 3.1</a></p>
<h2>Routes</h2>
${operations.join('\n')}
<h2>Schemas</h2>
${Object.entries(document.components.schemas)
  .map(
    ([name, schema]) =>
      `<details id="schema-${escapeHtml(name)}"><summary>${escapeHtml(name)}</summary>${json(schema)}</details>`,
  )
  .join('\n')}
<h2>Problems</h2>
<table><tr><th>code</th><th>status</th><th>when</th></tr>
${Object.values(problems)
  .map(
    ({ code, status, meaning }) =>
      `<tr id="${escapeHtml(code)}"><td><code>${escapeHtml(code)}</code></td><td>${status}</td><td>${escapeHtml(meaning)}</td></tr>`,
  )
  .join('\n')}
</table></body></html>
`;
}

function renderOperation(method: string, path: string, operation: OpenApiOperation): string {
  const { description, parameters = [], requestBody, responses } = operation;
  return `<details id="${escapeHtml(operation.operationId)}"><summary><b>${method}</b><h3><code>${escapeHtml(path)}</code></h3> ${escapeHtml(operation.summary)}</summary>
${description === undefined ? '' : `<p>${escapeHtml(description)}</p>`}
${
  parameters.length === 0
    ? ''
    : `<table><tr><th>parameter</th><th>in</th><th>must be</th></tr>${parameters
        .map(
          (p) =>
            `<tr><td><code>${escapeHtml(p.name)}</code>${p.required ? '' : ' (optional)'}</td><td>${p.in}</td><td>${escapeHtml(p.description ?? '')} <code>${escapeHtml(JSON.stringify(p.schema))}</code></td></tr>`,
        )
        .join('')}</table>`
}
${requestBody === undefined ? '' : `<p>Body: ${escapeHtml(requestBody.description ?? '')}</p>${renderContent(requestBody.content)}`}
<table><tr><th>status</th><th>answer</th></tr>${Object.entries(responses)
    .map(([status, response]) => {
      const headers = Object.entries(response.headers ?? {}).map(
        ([name, header]) => `<br><code>${escapeHtml(name)}</code>: ${escapeHtml(header.description)}`,
      );
      return `<tr><td>${escapeHtml(status)}</td><td>${escapeHtml(response.description)}${headers.join('')}${renderContent(response.content ?? {})}</td></tr>`;
    })
    .join('')}</table></details>`;
}

function renderContent(content: OpenApiContent): string {
  return Object.entries(content)
    .map(([type, { schema }]) => {
      const name = typeof schema?.['$ref'] === 'string' ? schema['$ref'].split('/').at(-1) : undefined;
      if (name !== undefined) {
        return `<br><code>${escapeHtml(type)}</code>: <a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`;
      }
      return `<br><code>${escapeHtml(type)}</code>${schema === undefined ? '' : json(schema)}`;
    })
    .join('');
}

function json(value: unknown): string {
  return `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;
}
