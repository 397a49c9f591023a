// dist/src -> dist/bin: the command line in few files. Node takes longer to find and load two hundred modules than to
// answer a small question, and longer to compile what they hold than to run it. So what is used together stands together,
// what is seldom used stands apart, and what V8 made of the code is kept beside it.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import load from './bin/load.cjs';

const MODULES = resolve('dist/src');
const BUNDLE = resolve('dist/bin');
const { SUFFIX } = load;

/** What is started. Workers by their names: `new URL('./worker.js', import.meta.url)` is beside all that is bundled. */
const STARTED = { main: 'cli/main.js' };
const WORKERS = { worker: 'run/worker.js' };

/** Modules that are loaded when they are needed (`import()`), by the file that they get into. Others get one of their own. */
const TOGETHER = {
  reading: /^cli\/(?:ask|merge)\.js$/,
  dump: /^cli\/dump\.js$/,
  formats: /^sources\//,
  rules: /^run\/sigma-/,
  others: /^cli\/|^run\/(?!count-|dump-|tallies)/,
};

export async function bundle() {
  if (isMade()) return;
  rmSync(BUNDLE, { recursive: true, force: true });
  mkdirSync(BUNDLE);
  const entries = Object.entries({ ...STARTED, ...WORKERS });
  const { outputFiles } = await build({
    entryPoints: entries.map(([out, path]) => ({ out, in: join(MODULES, path) })),
    outdir: BUNDLE,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.15',
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [DIRECT, SPARED],
    write: false,
  });
  for (const { path, text } of outputFiles) {
    const starts = entries.some(([name]) => basename(path) === `${name}.js`);
    writeFileSync(path.replace(/js$/, 'cjs'), asFunction(text, starts));
  }
  for (const name of Object.keys(WORKERS)) writeFileSync(join(BUNDLE, `${name}.js`), startOf(name));
  // Found as `new URL('./NAME.wasm', import.meta.url)`.
  for (const file of filesIn('.wasm')) copyFileSync(file, join(BUNDLE, basename(file)));
  for (const name of ['noisefloor', 'load']) copyFileSync(scriptAt(name), join(BUNDLE, `${name}.cjs`));
  keepCompiled();
}

/** Whether the last file that is made is newer than all that it is made of, and of this version of Node. */
function isMade() {
  const made = join(BUNDLE, `main.cjs${SUFFIX}`);
  if (!existsSync(made)) return false;
  const { mtimeMs } = statSync(made);
  const scripts = [
    import.meta.filename,
    'package-lock.json',
    ...['load', 'noisefloor', 'keep'].map(scriptAt),
  ];
  return [...filesIn('.js'), ...filesIn('.wasm'), ...scripts].every(
    (path) => statSync(path).mtimeMs < mtimeMs,
  );
}

function scriptAt(name) {
  return join('scripts', 'bin', `${name}.cjs`);
}

function startOf(name) {
  return `import { createRequire } from 'node:module';
createRequire(import.meta.url)('./load.cjs').load('./${name}.js');
`;
}

/**
 * esbuild's text of a module as the function that scripts/bin/load.cjs calls: its splitting gives modules alone, and those are
 * slow to load, and nothing is kept of them. No two of its files import one another, nor change what they export.
 */
function asFunction(text, starts) {
  const body = text
    .replace(/^#!.*\n/, '')
    .replaceAll(/^import (?:(\w+)|\{([^}]*)\}|\* as (\w+)) from "(.*)";$/gm, (_, one, some, all, from) => {
      const names = one ?? all ?? `{ ${some.replaceAll(' as ', ': ')} }`;
      return `const ${names} = require("${from}");`;
    })
    .replaceAll(/^import "(.*)";$/gm, 'require("$1");')
    .replaceAll(/\bimport\("([^"]*)"\)/g, 'Promise.resolve().then(() => require("$1"))')
    .replaceAll('import.meta.url', 'url')
    .replace(/^export \{([^}]*)\};$/m, (_, names) => {
      const exported = namesIn(names).map(([own, name]) => `${name}: ${own}`);
      return `Object.assign(exports, { ${exported.join(', ')} });`;
    });
  const left = /^(?:import|export)\b.*|\bimport\.meta\b.*/m.exec(body);
  if (left) throw new Error(`bundle: expected no more of a module, found ${left[0]}`);
  return `(${starts ? 'async ' : ''}function (require, exports, url) {\n${body}})`;
}

/**
 * Names are imported from the modules where they are, and not through an index, for esbuild's splitting takes an index
 * for all that it names; it only re-exports (tests/architecture.test.ts). And each `import()` is one of its group.
 */
const DIRECT = {
  name: 'direct',
  setup({ onLoad, onResolve }) {
    const groups = groupsOfLoaded();
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (!path.startsWith(MODULES)) return undefined;
      const folder = dirname(path);
      const contents = readFileSync(path, 'utf8')
        .replaceAll(/^import \{([^}]*)\} from '(\.[^']*\/index\.js)';$/gm, (_, names, index) => {
          const exported = exportsOf(resolve(folder, index));
          return namesIn(names)
            .map(([name, as]) => {
              const [file, own] = exported.get(name);
              return `import { ${own} as ${as} } from ${JSON.stringify(file)};`;
            })
            .join('');
        })
        .replaceAll(LOADED, (whole, from) => {
          const file = resolve(folder, from);
          const group = groupOf(file);
          return group === null ? whole : `import('group:${group}').then((all) => all.${nameOf(file)})`;
        });
      return { contents, loader: 'js' };
    });
    onResolve({ filter: /^group:/ }, ({ path }) => ({ path: path.slice(6), namespace: 'group' }));
    onLoad({ filter: /.*/, namespace: 'group' }, ({ path }) => ({
      contents: groups
        .get(path)
        .map((file) => `export * as ${nameOf(file)} from ${JSON.stringify(file)};`)
        .join('\n'),
      resolveDir: MODULES,
    }));
  },
};

const LOADED = /\bimport\('(\.[^']*)'\)/g;

/** Group -> the modules that something loads. */
function groupsOfLoaded() {
  const groups = new Map();
  for (const file of filesIn('.js')) {
    for (const [, from] of readFileSync(file, 'utf8').matchAll(LOADED)) {
      const loaded = resolve(dirname(file), from);
      const group = groupOf(loaded);
      const known = groups.get(group) ?? [];
      // What the compiler made of a module that is gone may still lie there.
      if (existsSync(loaded) && !known.includes(loaded)) groups.set(group, [...known, loaded]);
    }
  }
  return groups;
}

function groupOf(file) {
  const path = relative(MODULES, file).replaceAll('\\', '/');
  return Object.entries(TOGETHER).find(([, pattern]) => pattern.test(path))?.[0] ?? null;
}

function nameOf(file) {
  return relative(MODULES, file).replaceAll(/\W/g, '_');
}

/** Name that an index exports -> the module where it is, and its name there. */
function exportsOf(index) {
  const found = new Map();
  for (const [, names, from] of readFileSync(index, 'utf8').matchAll(/^export \{([^}]*)\} from '(.*)';$/gm)) {
    const file = resolve(dirname(index), from);
    const deeper = basename(file) === 'index.js' ? exportsOf(file) : null;
    for (const [own, name] of namesIn(names)) found.set(name, deeper?.get(own) ?? [file, own]);
  }
  return found;
}

/** `a, b as c` -> [a, a], [b, c]. */
function namesIn(list) {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => item.split(' as '))
    .map(([name, as = name]) => [name, as]);
}

function filesIn(end) {
  return readdirSync(MODULES, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(end))
    .map((name) => join(MODULES, name));
}

/** What packages load and the command line never uses: traces of a numeric library, commander's programs for subcommands. */
const SPARED = {
  name: 'spared',
  setup({ onLoad, onResolve }) {
    const never = (path) => ({ path, namespace: 'spared' });
    onResolve({ filter: /^debug$/ }, () => never('debug'));
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? never('child_process') : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'spared' }, () => ({ contents: 'module.exports = () => () => {};' }));
  },
};

/**
 * What V8 makes of the code is kept while it answers small questions: most functions are compiled when they are called.
 * Not packed for npm (package.json), as who installs that may have another build of V8.
 */
function keepCompiled() {
  const week = 'examples/modelled-week';
  const config = 'spec/create-remote-thread.xml';
  for (const args of [
    ['--help'],
    ['check', config],
    ['ask', config, week],
    ['ask', 'examples/rules', week],
    ['dump', week],
    ['dump', week, '--format', 'evtx_dump-jsonl'],
    ['dump', week, '--format', 'jsonl'],
    ['ask', '8', week],
  ]) {
    const keep = [scriptAt('keep'), ...args];
    const { status } = spawnSync(process.execPath, keep, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`the bundled command line exited with ${status}`);
  }
}
