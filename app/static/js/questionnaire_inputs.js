/* The inputs of a sheet as answers, and answers into its inputs.
 *
 * QuestionnaireInputs.read(root) -> {code: answer}, blank ones left out, as app/questionnaires/answers_form.py reads them
 * QuestionnaireInputs.write(root, code, answer)   undefined empties the question
 * QuestionnaireInputs.order(question) -> codes of the ranked options, first to last; QuestionnaireInputs.rank(question, codes) */
(function () {
  'use strict';

  const all = (selector, within) => Array.from(within.querySelectorAll(selector));
  const isEmpty = (object) => Object.keys(object).length === 0;
  const named = (name) => `[name="${CSS.escape(name)}"]`;

  function questions(root) { return all('[data-code]', root); }
  function questionOf(root, code) { return root.querySelector(`[data-code="${CSS.escape(code)}"]`); }

  function checked(question, name) {
    return all(`input${named(name)}:checked`, question).map((input) => input.value);
  }

  function statedWords(question) {
    const words = {};
    all('[data-sheet-words-of]', question).forEach((input) => {
      if (input.value) { words[input.dataset.sheetWordsOf] = input.value; }
    });
    return words;
  }

  function choice(question, chosen) {
    const words = statedWords(question);
    if (!chosen.length && isEmpty(words)) { return undefined; }
    return isEmpty(words) ? { chosen } : { chosen, other: words };
  }

  function order(question) {
    const ranked = all('[data-option] select', question).filter((select) => select.value);
    ranked.sort((one, two) => Number(one.value) - Number(two.value));
    return ranked.map((select) => select.closest('[data-option]').dataset.option);
  }

  function rank(question, codes) {
    all('[data-option]', question).forEach((item) => {
      item.querySelector('select').value = codes.includes(item.dataset.option)
        ? String(codes.indexOf(item.dataset.option) + 1) : '';
    });
  }

  function rows(question, read) {
    const found = {};
    all('[data-row]', question).forEach((row) => {
      const value = read(row, `${question.dataset.code}.${row.dataset.row}`);
      if (value && value.length !== 0 && !(typeof value === 'object' && isEmpty(value))) { found[row.dataset.row] = value; }
    });
    return isEmpty(found) ? undefined : found;
  }

  function filled(row, name) {
    const cells = {};
    all('input', row).forEach((input) => {
      if (input.value) { cells[input.name.slice(name.length + 1)] = input.value; }
    });
    return cells;
  }

  function typed(question) {
    const input = question.querySelector(named(question.dataset.code));
    return input && input.value ? input.value : undefined;
  }

  const READERS = {
    single: (question) => choice(question, checked(question, question.dataset.code).slice(0, 1)),
    multiple: (question) => choice(question, checked(question, question.dataset.code)),
    ranking: (question) => choice(question, order(question)),
    rating: (question) => checked(question, question.dataset.code)[0],
    matrix_single: (question) => rows(question, (row, name) => checked(row, name)[0]),
    matrix_multiple: (question) => rows(question, checked),
    matrix_fill: (question) => rows(question, filled),
    line: typed, text: typed, number: typed, date: typed,
    section: () => undefined,
  };

  function read(root) {
    const answers = {};
    questions(root).forEach((question) => {
      const answer = READERS[question.dataset.kind](question);
      if (answer !== undefined) { answers[question.dataset.code] = answer; }
    });
    return answers;
  }

  function check(within, name, values) {
    all(`input${named(name)}`, within).forEach((input) => { input.checked = values.includes(input.value); });
  }

  function writeChoice(question, answer) {
    const chosen = (answer && answer.chosen) || [];
    const words = (answer && answer.other) || {};
    if (question.dataset.kind === 'ranking') { rank(question, chosen); } else { check(question, question.dataset.code, chosen); }
    all('[data-sheet-words-of]', question).forEach((input) => { input.value = words[input.dataset.sheetWordsOf] || ''; });
  }

  function writeRows(question, answer) {
    all('[data-row]', question).forEach((row) => {
      const name = `${question.dataset.code}.${row.dataset.row}`;
      const given = (answer && answer[row.dataset.row]) || undefined;
      if (question.dataset.kind === 'matrix_fill') {
        all('input', row).forEach((input) => { input.value = (given && given[input.name.slice(name.length + 1)]) || ''; });
      } else {
        check(row, name, given === undefined ? [] : [].concat(given));
      }
    });
  }

  function write(root, code, answer) {
    const question = questionOf(root, code);
    if (!question) { return; }
    const kind = question.dataset.kind;
    if (kind === 'single' || kind === 'multiple' || kind === 'ranking') { writeChoice(question, answer); return; }
    if (kind.startsWith('matrix')) { writeRows(question, answer); return; }
    if (kind === 'rating') { check(question, code, answer === undefined ? [] : [answer]); return; }
    const input = question.querySelector(named(code));
    if (input) { input.value = answer === undefined ? '' : answer; }
  }

  window.QuestionnaireInputs = { read, write, order, rank, questions, questionOf, all };
}());
