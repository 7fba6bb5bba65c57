// Makes the program's assets of the pages: one C file of arrays, compressed, and the same files in a folder
// to look at.
//
//   node build.mjs --modules DIR --out FILE.c --folder DIR
//
// Of each script that a document names, esbuild makes one file with all that it imports: a browser asks once and
// compiles once. GOV.UK Frontend's styles and ours are one file, too. Other files below this folder are taken as
// they are. Documents name scripts and styles below /at-VERSION/, where a browser keeps them without asking again;
// and of each page of pages.mjs the program gets to know what its document brings along.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({ options: { modules: { type: 'string' }, out: { type: 'string' }, folder: { type: 'string' } } });
const esbuild = createRequire(path.resolve(options.modules, 'package.json'))('esbuild');

const types = {
  '.html': 'text/html; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const scripts = ['app.mjs', 'kiosk/kiosk.mjs', 'ready.mjs'];
const styles = { '/style.css': ['style.css', 'person/person.css'], '/kiosk/kiosk.css': ['kiosk/kiosk.css'] };
const taken_as_they_are = /\.(html|json|svg)$/;
const left_out = /(^|\/)tsconfig\.json$/;

const module_text = (name) => fs.readFileSync(path.join(options.modules, name), 'utf8');
const own_text = (name) => fs.readFileSync(path.join(here, name), 'utf8');

// GOV.UK's font and crown are licensed for GOV.UK alone.
function free_styles() {
  const css = module_text('govuk-frontend/dist/govuk/govuk-frontend.min.css')
    .replace(/@font-face\{[^}]*\}/g, '')
    .replace(/GDS Transport,arial,sans-serif/g, 'var(--teapot-font)')
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/[^{}]*\{[^{}]*url\(\/assets\/[^{}]*\}/g, '');
  const left = css.match(/GDS Transport|url\((?!["']?data:)[^)]*\)/);
  if (left) throw new Error(`the styles still ask for ${left[0]}`);
  return css;
}

/** Of GOV.UK's rules those whose every class stands in our sources: a browser reads every rule before it shows
 * anything, and most of them are for parts that no page has. */
function used_styles(css) {
  const sources = list_files(here).filter((name) => /\.(mjs|html)$/.test(name)).map(own_text).join('\n') + own_text('../readying.c');
  const words = new Set(sources.match(/[\w!-]+/g));
  const begun = sources.match(/[\w-]+-(?=\$\{)/g); // `govuk-input--width-${width}`
  const is_used = (name) => words.has(name) || begun.some((word) => name.startsWith(word));
  // What stands in brackets, as in :not(.a), need not be there.
  const classes = (selector) => [...selector.replace(/\([^()]*(?:\([^()]*\)[^()]*)*\)/g, '').matchAll(/\.(-?[A-Za-z_](?:[\w-]|\\.)*)/g)].map(([, name]) => name.replace(/\\/g, ''));
  let used = css.replace(/([^{}]+)\{([^{}]*)\}/g, (whole, selectors, rule) => {
    const kept = selectors.split(/,(?![^(]*\))/).filter((selector) => classes(selector).every(is_used));
    return kept.length > 0 ? `${kept.join(',')}{${rule}}` : '';
  });
  for (let before = ''; before !== used;) [before, used] = [used, used.replace(/@(?:media|supports)[^{}]*\{\}/g, '')];
  return used;
}

/** Of each package that something was taken from. */
function licences(inputs) {
  const packages = inputs.flatMap((name) => name.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []);
  return [...new Set([...packages.sort(), 'govuk-frontend'])].map((name) => {
    const file = fs.readdirSync(path.join(options.modules, name)).find((one) => /^licen[cs]e(\.(txt|md))?$/i.test(one));
    const { version, license } = JSON.parse(module_text(`${name}/package.json`));
    return `${name} ${version} (${license})\n\n${file ? module_text(`${name}/${file}`) : ''}`;
  }).join('\n----\n\n');
}

function list_files(folder, below = '') {
  return fs.readdirSync(path.join(folder, below), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? list_files(folder, `${below}${entry.name}/`) : [below + entry.name]))
    .sort();
}

const assets = new Map();
const bundles = await esbuild.build({
  absWorkingDir: here, entryPoints: scripts, outdir: '/', outExtension: { '.js': '.mjs' }, write: false, metafile: true,
  bundle: true, minify: true, format: 'esm', target: 'es2020', charset: 'utf8', legalComments: 'none', nodePaths: [path.resolve(options.modules)],
});
for (const { path: name, text } of bundles.outputFiles) assets.set(name, text);
for (const [name, parts] of Object.entries(styles)) {
  const own = await esbuild.transform(parts.map(own_text).join('\n'), { loader: 'css', minify: true, charset: 'utf8' });
  assets.set(name, (name === '/style.css' ? used_styles(free_styles()) : '') + own.code);
}
for (const name of list_files(here).filter((one) => taken_as_they_are.test(one) && !left_out.test(one))) assets.set(`/${name}`, own_text(name));
assets.set('/licences.txt', licences(Object.keys(bundles.metafile.inputs)));

const digest = (of) => createHash('sha256').update(of).digest('hex').slice(0, 16);
const version = `/at-${digest(JSON.stringify([...assets]))}`;

// A document names its script and its styles below the version.  Of each: what its first view loads.
const loads = new Map();
for (const [name, text] of assets) {
  if (!name.endsWith('.html')) continue;
  loads.set(name, []);
  assets.set(name, text.replace(/\b(src|href)="(\/[^"]+\.(?:mjs|css))"/g, (_, attribute, to) => {
    if (!assets.has(to)) throw new Error(`${name} names ${to}, which is not there`);
    loads.get(name).push(to);
    return `${attribute}="${version}${to}"`;
  }));
}
const shell = assets.get('/index.html');
assets.delete('/index.html');
const { pages } = await import(path.join(here, 'pages.mjs'));

// ---- The budget: of each document, what its first view loads, compressed as it is sent ----

const gzips = new Map([...assets].map(([name, text]) => [name, gzipSync(Buffer.from(text, 'utf8'), { level: 9 })]));
const BUDGET_BYTES = 100_000;
const weighed = [...loads].map(([name, all]) => [name, all.reduce((sum, one) => sum + gzips.get(one).length, 0)]);
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
const [before, after] = shell.split('<!-- answers -->\n');
fs.writeFileSync(options.out, `/* Made by node/ui/pages/build.mjs. */
#include "node/ui/asset.h"
#include "node/ui/page.h"

${arrays.join('\n')}

const char tp_assets_version[] = ${c_string(`${version}/`)};

const tp_asset tp_assets[] = {
${rows.join('\n')}
    {NULL, NULL, NULL, 0, 0, NULL}};

const tp_page_shell tp_shell = {
    ${[before, after].map(c_string).join(',\n    ')}};

const tp_page tp_pages[] = {
${pages.map(({ path: pattern, asks = [] }) => `    {${c_string(pattern)}, {${[...asks.map(c_string), 'NULL'].join(', ')}}},`).join('\n')}
    {NULL, {NULL}}};

const tp_page_weight tp_page_weights[] = {
${weighed.map(([name, bytes]) => `    {${c_string(name)}, ${bytes}},`).join('\n')}
    {NULL, 0}};
`);
