// keep.cjs ARGS...: runs the bundled command line, and keeps what V8 made of its files for the next run.
'use strict';
const { writeFileSync } = require('node:fs');
const { load, loaded, SUFFIX } = require('../../dist/bin/load.cjs');

process.on('exit', () => {
  for (const { filename, script } of loaded.values())
    writeFileSync(filename + SUFFIX, script.createCachedData());
});
load('./main.js');
