// Loads the files that scripts/bundle.mjs made, functions of what they require and export. What V8 made of a text is taken
// from the file beside it where the same version of Node wrote that (scripts/bin/keep.cjs): V8 looks whether it is of such
// a text, and else compiles anew.
'use strict';
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const SUFFIX = `.${process.version}-${process.platform}-${process.arch}`;
const url = require('node:url').pathToFileURL(__filename).href;
const loaded = new Map();

function kept(filename) {
  try {
    return readFileSync(filename + SUFFIX);
  } catch {
    return undefined;
  }
}

function load(name) {
  if (!name.startsWith('./')) return require(name);
  const known = loaded.get(name);
  if (known) return known.exports;
  const filename = `${__dirname}/${name.slice(2, -2)}cjs`;
  const script = new Script(readFileSync(filename, 'utf8'), { filename, cachedData: kept(filename) });
  const exports = {};
  loaded.set(name, { exports, filename, script });
  script.runInThisContext()(load, exports, url);
  return exports;
}

module.exports = { load, loaded, SUFFIX };
