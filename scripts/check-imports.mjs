/**
 * Holds every import of the packages against the table in `modules.mjs`, and looks for circles between modules and between
 * files. Depends on oxc-parser, which reads the imports of a TypeScript file and tells those of types alone apart.
 *
 *   node scripts/check-imports.mjs            one line for each thing that is wrong; exit code 1 where there are any
 *   node scripts/check-imports.mjs print      the table as the sources are, to compare or to copy from
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { circlesOf } from './circles.mjs';
import { knownCircles, modules, shortNames } from './modules.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * One import, re-export or dynamic import of a literal.
 * @typedef {{ line: number, target: string, isLocal: boolean, typesOnly: boolean }} Import
 *   `target` is a file within the same folder of sources, or the name of a package.
 */

/**
 * @param {ReadonlyMap<string, unknown>} files the sources beside it: a `.js` that is imported may be a `.tsx` among them.
 * @returns {Import[]}
 */
export function importsOf(file, source, files = new Map()) {
  const { module } = parseSync(file, source);
  const isType = ({ entries }) => entries.length > 0 && entries.every(entry => entry.isType);
  const found = [
    ...module.staticImports.map(one => ({ from: one.moduleRequest.value, at: one.start, typesOnly: isType(one) })),
    ...module.staticExports.flatMap(one => {
      const from = one.entries[0]?.moduleRequest?.value;
      return from === undefined ? [] : [{ from, at: one.start, typesOnly: isType(one) }];
    }),
    ...module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
      const from = /^(['"])(.*)\1$/.exec(source.slice(start, end))?.[2];
      return from === undefined ? [] : [{ from, at: start, typesOnly: false }];
    }),
  ];
  return found.map(({ from, at, typesOnly }) => {
    const isLocal = from.startsWith('.');
    const script = posix.join(posix.dirname(file), from).replace(/\.js$/, '.ts');
    const local = files.has(`${script}x`) ? `${script}x` : script;
    const target = isLocal ? local : (shortNames[from] ?? from);
    return { line: source.slice(0, at).split('\n').length, target, isLocal, typesOnly };
  });
}

const words = text => text.split(/\s+/).filter(word => word !== '');
const isWithin = (file, module) => file === module || file.startsWith(`${module}/`);
/** The folder or file directly among the sources: `data/find/pairs.ts` is of `data`. */
const topOf = file => file.split('/')[0];

/** The rows of a table, the most specific first. */
function rowsOf(table) {
  return Object.entries(table)
    .map(([module, [others, packages]]) => {
      const allowed = words(others).map(word => [word.replace(/^type:/, ''), word.startsWith('type:')]);
      return { module, allowed: new Map(allowed), packages: new Set(words(packages)) };
    })
    .sort((a, b) => b.module.length - a.module.length);
}

/**
 * @param table the rows of one folder of sources.
 * @param {ReadonlyMap<string, string>} files the sources by path within that folder.
 * @param {readonly string[]} known circles that are not reported, as `a → b → a`.
 * @returns {string[]} what is wrong, one line each.
 */
export function check(table, files, known = []) {
  const rows = rowsOf(table);
  const imports = new Map([...files].map(([file, source]) => [file, importsOf(file, source, files)]));
  const problems = [];
  const used = new Map(rows.map(({ module }) => [module, new Set()]));
  const owned = new Set();
  for (const [file, list] of imports) {
    const row = rows.find(({ module }) => isWithin(file, module));
    if (row === undefined) {
      problems.push(`${file}: this file is in no module of the table`);
      continue;
    }
    owned.add(row.module);
    for (const { line, target, isLocal, typesOnly } of list) {
      const say = what => problems.push(`${file}:${line}: ${row.module} may not import ${what}`);
      if (!isLocal) {
        used.get(row.module).add(target);
        if (!row.packages.has(target)) say(target);
        continue;
      }
      if (isWithin(target, row.module)) continue;
      const allowed = [...row.allowed].filter(([module]) => isWithin(target, module));
      for (const [module] of allowed) used.get(row.module).add(module);
      if (allowed.length === 0) say(target);
      else if (!typesOnly && allowed.every(([, onlyTypes]) => onlyTypes)) say(`more than the types of ${target}`);
    }
  }
  for (const { module, allowed, packages } of rows) {
    if (!owned.has(module)) problems.push(`${module}: the table has a row for it, and no file is in it`);
    else
      for (const name of [...allowed.keys(), ...packages])
        if (!used.get(module).has(name))
          problems.push(`${module}: the table allows ${name}, which nothing in it imports`);
  }
  const circles = allCircles(imports);
  for (const circle of circles) if (!known.includes(circle)) problems.push(`circle: ${circle}`);
  for (const circle of known) if (!circles.includes(circle)) problems.push(`this known circle is gone: ${circle}`);
  return problems;
}

/** Circles between files, and between the folders and files directly among the sources. */
function allCircles(imports) {
  const byFile = new Map();
  const byModule = new Map();
  const connect = (graph, from, to) => graph.set(from, (graph.get(from) ?? new Set()).add(to));
  for (const [file, list] of imports)
    for (const { target, isLocal } of list) {
      if (!isLocal) continue;
      connect(byFile, file, target);
      if (topOf(file) !== topOf(target)) connect(byModule, topOf(file), topOf(target));
    }
  return [...circlesOf(byFile), ...circlesOf(byModule)];
}

/** The rows as the sources are: those of the table, and one for each folder or file that it does not know. */
export function actual(table, files) {
  const rows = rowsOf(table);
  const rowOf = file => rows.find(({ module }) => isWithin(file, module))?.module ?? topOf(file);
  const found = new Map();
  for (const [file, source] of files) {
    const module = rowOf(file);
    if (!found.has(module)) found.set(module, { others: new Map(), packages: new Set() });
    const { others, packages } = found.get(module);
    for (const { target, isLocal, typesOnly } of importsOf(file, source, files)) {
      if (!isLocal) packages.add(target);
      else if (!isWithin(target, module)) {
        const name = topOf(target) === topOf(module) ? rowOf(target) : topOf(target);
        others.set(name, (others.get(name) ?? true) && typesOnly);
      }
    }
  }
  const order = Object.keys(table);
  const place = module => (order.includes(module) ? order.indexOf(module) : order.length);
  return [...found]
    .sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
    .map(([module, { others, packages }]) => {
      const names = [...others].sort().map(([name, onlyTypes]) => (onlyTypes ? `type:${name}` : name));
      return [module, [names.join(' '), [...packages].sort().join(' ')]];
    });
}

/** The sources of a folder, its index files left out: what they export is everything's business. */
function sourcesOf(folder) {
  const names = readdirSync(join(root, folder), { recursive: true }).map(name => String(name).replaceAll('\\', '/'));
  const files = names
    .filter(name => /\.tsx?$/.test(name) && !name.endsWith('.d.ts') && name !== 'index.ts' && name !== 'internal.ts')
    .sort();
  return new Map(files.map(name => [name, readFileSync(join(root, folder, name), 'utf8')]));
}

/** What is wrong in the repository, with the folder before each line. */
export function checkAll() {
  return Object.entries(modules).flatMap(([folder, table]) =>
    check(table, sourcesOf(folder), knownCircles[folder]).map(problem => `${folder}: ${problem}`),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'print') {
    for (const [folder, table] of Object.entries(modules)) {
      console.log(`  '${folder}': {`);
      for (const [module, [others, packages]] of actual(table, sourcesOf(folder)))
        console.log(`    '${module}': ['${others}', '${packages}'],`);
      console.log('  },');
    }
  } else {
    const problems = checkAll();
    for (const problem of problems) console.error(problem);
    if (problems.length > 0)
      console.error(`\nscripts/modules.mjs says what each module may import (check-imports.mjs print: what it does).`);
    process.exitCode = problems.length > 0 ? 1 : 0;
  }
}
