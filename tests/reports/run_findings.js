/* Asks rules of cases with the page's own scripts: [{rules, values, names}, …] from standard input, keys of findings out.
 * node run_findings.js path/to/static/js < cases > keys */
'use strict';
const fs = require('fs');
const vm = require('vm');

const page = vm.createContext({ window: {}, cases: fs.readFileSync(0, 'utf8') });
for (const name of ['expressions', 'findings']) {
  vm.runInContext(fs.readFileSync(`${process.argv[2]}/${name}.js`, 'utf8'), page);
}
process.stdout.write(vm.runInContext(
  'JSON.stringify(JSON.parse(cases).map((one) => ' +
  'window.Findings.check(one.rules, one.values, one.names).map((found) => found.severity + " " + found.key)))', page
));
