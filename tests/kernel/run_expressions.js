/* Evaluates [{json, names}, …] from standard input with the page's evaluator, writes the list of values.
 * node run_expressions.js path/to/expressions.js < cases > values */
'use strict';
const fs = require('fs');
const vm = require('vm');

const page = vm.createContext({ window: {}, cases: fs.readFileSync(0, 'utf8') });
vm.runInContext(fs.readFileSync(process.argv[2], 'utf8'), page);
process.stdout.write(vm.runInContext(
  'JSON.stringify(JSON.parse(cases).map((one) => window.Expressions.evaluate(one.json, one.names)))', page
));
