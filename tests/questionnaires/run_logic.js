/* Walks and judges with the page's own scripts: [{compiled, answers}, …] from standard input, judgements out.
 * node run_logic.js path/to/static/js < cases > judgements */
'use strict';
const fs = require('fs');
const vm = require('vm');

const page = vm.createContext({ window: {}, cases: fs.readFileSync(0, 'utf8') });
for (const name of ['expressions', 'numbers', 'questionnaire_values', 'questionnaire_logic']) {
  vm.runInContext(fs.readFileSync(`${process.argv[2]}/${name}.js`, 'utf8'), page);
}
process.stdout.write(vm.runInContext(
  'JSON.stringify(JSON.parse(cases).map((one) => window.Questionnaire.judge(one.compiled, one.answers)))', page
));
