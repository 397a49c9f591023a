// keep.cjs ARGS...: runs the bundled command line, and keeps what V8 made of its files for the next run.
'use strict';
const { writeFileSync } = require('node:fs');
const { load, loaded, SUFFIX } = require('../../dist/bin/load.cjs');

// What is kept is good for the flags that V8 has in the end: those of its start.
require('node:v8').setFlagsFromString = () => {};

process.on('exit', () => {
  for (const { filename, script } of loaded.values())
    writeFileSync(filename + SUFFIX, script.createCachedData());
});
load('./main.js');
