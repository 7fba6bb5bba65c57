// Makes the program's assets of the pages: one C file of arrays, compressed, and the same files in a folder
// to look at.
//
//   node build.mjs --modules DIR --out FILE.c --folder DIR
//
// Everything below this folder is taken but what only the build or a reader needs; from npm come Preact, its
// hooks and htm under /lib, and GOV.UK Frontend's styles before ours in /style.css.  Documents name scripts and
// styles below /at-VERSION/, where a browser keeps them without asking again; and of each page of pages.mjs the
// program gets to know what its document brings along.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({ options: { modules: { type: 'string' }, out: { type: 'string' }, folder: { type: 'string' } } });

const types = {
  '.html': 'text/html; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const left_out = /(^|\/)(README\.md|build\.mjs|tsconfig\.json|[^/]*\.d\.ts|embed\.cmake|install\.cmake)$/;

// What a bare import is, here and in the browser.
const libraries = {
  preact: ['preact/dist/preact.mjs', '/lib/preact.mjs'],
  'preact/hooks': ['preact/hooks/dist/hooks.mjs', '/lib/hooks.mjs'],
  htm: ['htm/dist/htm.mjs', '/lib/htm.mjs'],
  'htm/preact': ['htm/preact/index.mjs', '/lib/html.mjs'],
};
const import_form = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"']+)\2/g;

// Comments are for who reads the sources: a browser on a slow machine has to read them as well.
const typescript = createRequire(path.resolve(options.modules, 'package.json'))('typescript');
function without_comments(name, text) {
  if (name.endsWith('.css')) return text.replace(/\/\*[^]*?\*\//g, '').replace(/\n\s+/g, '\n');
  if (!name.endsWith('.mjs')) return text;
  const { ScriptTarget, ModuleKind } = typescript;
  const compilerOptions = { removeComments: true, target: ScriptTarget.ES2020, module: ModuleKind.ESNext };
  return typescript.transpileModule(text, { compilerOptions }).outputText;
}

const module_text = (name) => fs.readFileSync(path.join(options.modules, name), 'utf8');

// All imports are relative, so that they stay below the version that the document named.
function rewrite_imports(text, where) {
  return text.replace(/\n\/\/# sourceMappingURL=.*$/m, '').replace(import_form, (whole, before, quote, name) => {
    if (/^\./.test(name)) return whole;
    if (!libraries[name]) throw new Error(`${where} imports ${name}, which is no library of the pages`);
    const relative = path.posix.relative(path.posix.dirname(where), libraries[name][1]);
    return `${before}${quote}${relative.startsWith('.') ? '' : './'}${relative}${quote}`;
  });
}

// GOV.UK's font and crown are licensed for GOV.UK alone.
function free_styles() {
  const css = module_text('govuk-frontend/dist/govuk/govuk-frontend.min.css')
    .replace(/@font-face\{[^}]*\}/g, '')
    .replace(/GDS Transport,arial,sans-serif/g, 'var(--teapot-font)')
    .replace(/\/\*# sourceMappingURL=.*?\*\//, '')
    .replace(/[^{}]*\{[^{}]*url\(\/assets\/[^{}]*\}/g, '');
  const left = css.match(/GDS Transport|url\((?!["']?data:)[^)]*\)/);
  if (left) throw new Error(`the styles still ask for ${left[0]}`);
  return css;
}

function licences() {
  return ['preact', 'htm', 'govuk-frontend'].map((name) => {
    const file = fs.readdirSync(path.join(options.modules, name)).find((one) => /^licen[cs]e(\.(txt|md))?$/i.test(one));
    const { version, license } = JSON.parse(module_text(`${name}/package.json`));
    return `${name} ${version} (${license})\n\n${file ? module_text(`${name}/${file}`) : ''}`;
  }).join('\n----\n\n');
}

function list_files(folder, below = '') {
  return fs.readdirSync(path.join(folder, below), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? list_files(folder, `${below}${entry.name}/`) : [below + entry.name]))
    .filter((name) => !left_out.test(name))
    .sort();
}

// Every module that these bring along at once, so that the browser asks for all of them together.
function modules_of(assets, ...first) {
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    if (!assets.has(name)) throw new Error(`${name} is imported and is not there`);
    seen.add(name);
    for (const [, before, , to] of assets.get(name).matchAll(import_form)) {
      if (!before.includes('(')) visit(path.posix.resolve(path.posix.dirname(name), to));
    }
  };
  first.forEach(visit);
  return [...seen];
}

const assets = new Map();
for (const [name, [from, to]] of Object.entries(libraries)) assets.set(to, rewrite_imports(module_text(from), to));
for (const name of list_files(here)) {
  const text = without_comments(name, fs.readFileSync(path.join(here, name), 'utf8'));
  assets.set(`/${name}`, name.endsWith('.mjs') ? rewrite_imports(text, `/${name}`) : text);
}
assets.set('/style.css', free_styles() + assets.get('/style.css'));
assets.set('/licences.txt', licences());

const digest = (of) => createHash('sha256').update(of).digest('hex').slice(0, 16);
const version = `/at-${digest(JSON.stringify([...assets]))}`;
const preload = (names) => names.map((one) => `<link rel="modulepreload" href="${version}${one}">\n`).join('');

// A document names its script, its styles and every module of the script below the version.
function finish_document(name, text) {
  const versioned = text.replace(/\b(src|href)="(\/[^"]+)"/g, (whole, attribute, to) => (/\.(mjs|css)$/.test(to) ? `${attribute}="${version}${to}"` : whole));
  const script = text.match(/<script type="module" src="([^"]+)">/);
  const modules = script ? modules_of(assets, path.posix.resolve(path.posix.dirname(name), script[1])) : [];
  const styles = [...text.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, to]) => to);
  return { text: versioned.replace('<!-- modules -->\n', preload(modules)), modules, styles };
}
const shell = finish_document('/index.html', assets.get('/index.html'));
assets.delete('/index.html');
const weights = []; // of each document: what its first view loads
for (const [name, text] of assets) {
  if (!name.endsWith('.html')) continue;
  const { text: finished, modules, styles } = finish_document(name, text);
  assets.set(name, finished);
  weights.push([name, [...modules, ...styles]]);
}

// Of each page of the table: the modules that it needs beside the shell's, and what it asks at once.
function page_row({ path: pattern, load, asks = [] }) {
  const [, module] = load.toString().match(/import\(['"]\.?([^'"]+)['"]\)/);
  const all = modules_of(assets, '/app.mjs', module);
  weights.push([pattern, [...all, ...shell.styles]]);
  return { pattern, links: preload(all.filter((one) => !shell.modules.includes(one))), asks };
}
const { pages } = await import(path.join(here, 'pages.mjs'));
const page_rows = pages.map(page_row);

// ---- The budget: of each page, what its first view loads, compressed as it is sent ----

const gzips = new Map([...assets].map(([name, text]) => [name, gzipSync(Buffer.from(text, 'utf8'), { level: 9 })]));
const BUDGET_BYTES = 100_000;
const weighed = weights.map(([name, all]) => [name, all.reduce((sum, one) => sum + gzips.get(one).length, 0)]);
for (const [name, bytes] of weighed) {
  if (bytes > BUDGET_BYTES) throw new Error(`${name} loads ${bytes} bytes of script and style; ${BUDGET_BYTES} is what a page may`);
}

// ---- The C file ----

const c_string = (text) => JSON.stringify(text); // the same for the ASCII that stands here
const rows = [];
const arrays = [];
fs.rmSync(options.folder, { recursive: true, force: true });
for (const [name, text] of [...assets].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const bytes = Buffer.from(text, 'utf8');
  const gzip = gzips.get(name);
  const type = types[path.extname(name)];
  if (!type) throw new Error(`${name} is of no type that is served`);
  fs.mkdirSync(path.dirname(path.join(options.folder, name)), { recursive: true });
  fs.writeFileSync(path.join(options.folder, name), bytes);
  arrays.push(`static const uint8_t asset_${rows.length}[] = {${[...gzip].join(',')}};`);
  rows.push(`    {${c_string(name)}, ${c_string(type)}, ${c_string(`"${digest(bytes)}"`)}, ${bytes.length}, ${gzip.length}, asset_${rows.length}},`);
}
const [before, between, after] = shell.text.split(/<!-- (?:page|answers) -->\n/);
fs.writeFileSync(options.out, `/* Made by node/ui/pages/build.mjs. */
#include "node/ui/asset.h"
#include "node/ui/page.h"

${arrays.join('\n')}

const char tp_assets_version[] = ${c_string(`${version}/`)};

const tp_asset tp_assets[] = {
${rows.join('\n')}
    {NULL, NULL, NULL, 0, 0, NULL}};

const tp_page_shell tp_shell = {
    ${[before, between, after].map(c_string).join(',\n    ')}};

const tp_page tp_pages[] = {
${page_rows.map(({ pattern, links, asks }) => `    {${c_string(pattern)}, ${c_string(links)}, {${[...asks.map(c_string), 'NULL'].join(', ')}}},`).join('\n')}
    {NULL, NULL, {NULL}}};

const tp_page_weight tp_page_weights[] = {
${weighed.map(([name, bytes]) => `    {${c_string(name)}, ${bytes}},`).join('\n')}
    {NULL, 0}};
`);
