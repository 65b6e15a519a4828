/* The step of indicators: year-on-year as one types, rules at cells, what belongs to the cell in the panel, saving. */
(function () {
  'use strict';
  var Numbers = window.Numbers;
  var Marks = window.Marks;
  var say = window.Autosave.say;
  var table = document.querySelector('table[data-grid]');
  if (!table) { return; }
  var data = JSON.parse(document.getElementById('grid-data').textContent);
  var words = JSON.parse(document.getElementById('words').textContent);
  var indicators = {};
  var inputs = {};
  var known = data.findings; // as the server answered last
  var narrow = window.matchMedia('(max-width: 760px)');
  var sheet;
  var saver;
  var list;
  var visited = new Set(); // a cell still blank is no mistake before one has been in it
  var strict = Boolean(data.strict);

  /* ---- fields: 'revenue.ytd' ---- */
  function part(field) {
    var dot = field.lastIndexOf('.');
    return { indicator: indicators[field.slice(0, dot)], cell: field.slice(dot + 1) };
  }
  function numberAt(field) { return inputs[field] ? Numbers.parse(inputs[field].value) : null; }
  function textAt(field) { return Marks.plain(inputs[field].value); }
  function slotOf(field) { return table.querySelector('[data-at="' + field + '"]'); }
  function labelOf(field) {
    var found = part(field);
    return found.indicator ? found.indicator.name + ' ' + words['cell_' + found.cell] : field;
  }
  function shown(field, text) {
    var value = text === undefined ? null : Numbers.parse(text);
    return value ? Numbers.format(value) : text;
  }

  /* ---- year on year ---- */
  function growthText(indicator) {
    var now = numberAt(indicator.code + '.ytd');
    var base = numberAt(indicator.code + '.ly_ytd');
    if (indicator.growth === 'pp') {
      return now && base ? say(words.points, { value: Numbers.signed(Numbers.round(Numbers.minus(now, base), 1), 1) }) : '—';
    }
    var growth = Numbers.growth(now, base);
    return growth ? Numbers.signed(growth, 2) + '%' : '—';
  }
  function showGrowth(code) {
    slotOf(code + '.growth').querySelector('[data-growth]').textContent = growthText(indicators[code]);
  }

  /* ---- findings ---- */
  function values() {
    var map = {};
    Object.keys(inputs).forEach(function (field) { map[field] = textAt(field) || null; });
    return map;
  }
  function writingProblem(field) { return Marks.writing(inputs[field].value, part(field).indicator.decimals, words); }
  function misspelt() {
    return Object.keys(inputs).filter(writingProblem).map(function (field) {
      var message = labelOf(field) + words.colon + writingProblem(field);
      return { key: 'written:' + field, code: 'written', severity: 'hard', field: field, message: message };
    });
  }
  function findings() {
    var bad = misspelt();
    var unread = new Set(bad.map(function (finding) { return finding.field; }));
    var readable = values();
    unread.forEach(function (field) { readable[field] = null; });
    var fresh = window.Findings.check(data.rules, readable, data.names).filter(function (finding) {
      return !unread.has(finding.field);
    });
    var refused = known.filter(function (finding) { return finding.code !== 'refused' || finding.text === inputs[finding.field].value; });
    var found = bad.concat(window.Findings.merge(refused, fresh, data.rules)).filter(isTimely);
    return window.Findings.inOrder(found, Object.keys(inputs));
  }
  function isTimely(finding) {
    var input = inputs[finding.field];
    return strict || finding.severity !== 'hard' || !input || input.value.trim() !== '' || visited.has(finding.field);
  }
  function markRows(found) {
    var touched = new Set(found.map(function (finding) { return finding.field.slice(0, finding.field.lastIndexOf('.')); }));
    Array.from(table.tBodies[0].rows).forEach(function (row) {
      row.classList.toggle('has-finding', touched.has(row.dataset.code));
      row.hidden = table.dataset.filter === 'problems' && !touched.has(row.dataset.code) &&
        !row.contains(document.activeElement);
    });
  }
  function markPrefilled() {
    data.indicators.forEach(function (indicator) {
      Object.keys(indicator.prefilled || {}).forEach(function (cell) {
        var field = indicator.code + '.' + cell;
        if (!inputs[field]) { return; }
        var changed = textAt(field) !== indicator.prefilled[cell];
        slotOf(field).classList.toggle('changed', changed);
        inputs[field].title = changed ? say(words.prefill_was, { value: shown(field, indicator.prefilled[cell]) }) : '';
      });
    });
  }
  function isFilled(indicator) {
    function has(cell) { return inputs[indicator.code + '.' + cell].value.trim() !== ''; }
    return indicator.required.every(has) && indicator.cells.filter(function (cell) { return cell.indexOf('ly_') < 0; }).some(has);
  }
  function countFilled() {
    var filled = data.indicators.filter(isFilled).length;
    var all = data.indicators.length;
    document.getElementById('filled').textContent =
      say(filled === all ? words.all_filled : words.some_filled, { count: filled, all: all });
  }
  function review() {
    var found = findings();
    list.show(found);
    Marks.cells(table, found, slotOf, function (field) { return inputs[field]; });
    markRows(found);
    markPrefilled();
    Marks.count(found);
    countFilled();
    return found;
  }

  /* ---- the panel ---- */
  var current = null;
  function expected(indicator) {
    var last = Numbers.parse(indicator.last && indicator.last.ytd);
    if (!indicator.derive || !last) { return null; }
    var known = numberAt(indicator.code + (indicator.derive === 'ytd' ? '.m' : '.ytd'));
    if (!known) { return null; }
    var value = indicator.derive === 'ytd' ? Numbers.plus(last, known) : Numbers.minus(known, last);
    return { cell: indicator.derive, last: last, known: known, value: value };
  }
  function reference(name, text) {
    var node = document.getElementById('ref-' + name);
    node.hidden = text === null;
    if (text !== null) { node.querySelector('[data-value]').textContent = text; }
  }
  function showReferences(indicator) {
    var last = Numbers.parse(indicator.last && indicator.last.ytd);
    var found = expected(indicator);
    reference('last-month', indicator.last && indicator.last.m ? Numbers.format(Numbers.parse(indicator.last.m)) : null);
    reference('last', last ? Numbers.format(last) : null);
    reference('plus', found && found.cell === 'ytd' ? Numbers.format(found.known) : null);
    reference('minus', found && found.cell === 'm' ? Numbers.format(found.known) : null);
    reference('expected-ytd', found && found.cell === 'ytd' ? Numbers.format(found.value) : null);
    reference('expected-m', found && found.cell === 'm' ? Numbers.format(found.value) : null);
    document.querySelectorAll('[data-fill]').forEach(function (button) {
      var target = inputs[indicator.code + '.' + button.dataset.fill];
      button.disabled = data.locked || !target || !found || Numbers.canonical(found.value) === Numbers.canonical(Numbers.parse(target.value));
    });
    document.getElementById('last-note').hidden = data.last.approved || !indicator.derive;
  }
  function showPanel(code) {
    current = indicators[code];
    document.getElementById('panel-cell').hidden = false;
    document.getElementById('panel-name').textContent = current.name;
    var label = say(words.trend, { name: current.name }) + words.colon + current.history.map(function (month) {
      return month.label + ' ' + (shown(code + '.m', month.value || '') || '—');
    }).join(words.comma);
    window.Trend.draw(document.getElementById('panel-trend'), current.history, label);
    showReferences(current);
  }
  /* The button that mends a soft finding at a cell which follows from others: 填入 88,280. */
  function mend(finding) {
    var place = part(finding.field);
    var found = place.indicator && finding.severity !== 'hard' && place.cell === place.indicator.derive && expected(place.indicator);
    if (!found || data.locked || Numbers.canonical(found.value) === textAt(finding.field)) { return ''; }
    return say(words.fill_in, { value: Numbers.format(found.value) });
  }
  function fillExpected(indicator) {
    var found = expected(indicator);
    if (!found) { return; }
    var input = inputs[indicator.code + '.' + found.cell];
    sheet.set([{ input: input, text: Numbers.canonical(found.value) }]);
    sheet.focus(input);
  }

  /* ---- what the sheet tells ---- */
  function clean(input, text) {
    var found = Numbers.read(text);
    return found.kind === 'bad' ? text.trim() : Numbers.format(found.value);
  }
  function typing(input) {
    var found = part(input.dataset.field);
    showGrowth(found.indicator.code);
    if (current === found.indicator) { showReferences(current); }
    saver.touch();
  }
  function changed(changedInputs) {
    changedInputs.forEach(function (input) { visited.add(input.dataset.field); });
    new Set(changedInputs.map(function (input) { return part(input.dataset.field).indicator.code; })).forEach(showGrowth);
    review();
    if (current) { showReferences(current); }
    saver.touch();
  }
  function entered(input) {
    var found = part(input.dataset.field);
    table.querySelectorAll('tr.cur, th.hl').forEach(function (node) { node.classList.remove('cur', 'hl'); });
    input.closest('tr').classList.add('cur');
    table.querySelector('th[data-column="' + found.cell + '"]').classList.add('hl');
    if (current !== found.indicator) { showPanel(found.indicator.code); }
  }
  function left(event) {
    var field = event.target.dataset.field;
    if (!field || visited.has(field)) { return; }
    visited.add(field);
    review();
  }

  /* ---- saving ---- */
  function read() {
    var map = {};
    Object.keys(inputs).forEach(function (field) { map[field] = textAt(field); });
    return Object.assign(map, list.explanations());
  }
  function write(map, undoable) {
    var changes = [];
    Object.keys(map).forEach(function (field) {
      if (field.slice(0, 2) === 'x-') { list.explain(field.slice(2), map[field] || ''); return; }
      if (inputs[field]) { changes.push({ input: inputs[field], text: map[field] || '' }); }
    });
    if (undoable) { sheet.set(changes); return; }
    changes.forEach(function (change) { sheet.put(change.input, clean(change.input, change.text)); });
    data.indicators.forEach(function (indicator) { showGrowth(indicator.code); });
    review();
  }
  function offered() {
    var map = {};
    data.indicators.forEach(function (indicator) {
      (indicator.unsaved || Object.keys(indicator.prefilled || {})).forEach(function (cell) {
        map[indicator.code + '.' + cell] = Marks.plain(indicator.prefilled[cell]);
      });
    });
    return map;
  }
  function payload(changes) {
    var parts = { cells: {}, explanations: {} };
    Object.keys(changes).forEach(function (field) {
      if (field.slice(0, 2) !== 'x-') { parts.cells[field] = changes[field]; }
      else { parts.explanations[field.slice(2)] = changes[field] || ''; }
    });
    return parts;
  }
  function theirs(answer) {
    var map = {};
    Object.keys(inputs).forEach(function (field) { map[field] = Marks.plain(answer.cells[field] || ''); });
    var mine = list.explanations();
    Object.keys(mine).forEach(function (name) {
      map[name] = answer.explanations ? answer.explanations[name.slice(2)] || '' : mine[name];
    });
    return map;
  }
  function showSilent(lines) {
    var box = document.getElementById('silent');
    var summary = box.querySelector('[data-summary]');
    box.hidden = !lines.length;
    summary.textContent = say(summary.dataset.words, { count: lines.length });
    box.querySelector('ul').replaceChildren.apply(box.querySelector('ul'), lines.map(function (line) {
      var item = document.createElement('li');
      item.textContent = line;
      return item;
    }));
  }
  function saved(answer) {
    if (answer.findings) { known = answer.findings; }
    if (answer.silenced) { showSilent(answer.silenced); }
    review();
  }
  function rejected(problems) {
    known = known.filter(function (finding) { return finding.code !== 'refused'; }).concat(
      problems.filter(function (problem) { return inputs[problem.field]; }).map(function (problem) {
        return {
          key: 'refused:' + problem.field, code: 'refused', severity: 'hard', field: problem.field,
          message: labelOf(problem.field) + words.colon + problem.message, text: inputs[problem.field].value
        };
      })
    );
    review();
  }
  function ready() {
    if (data.locked) { return true; }
    strict = true;
    var hard = review().filter(function (finding) { return finding.severity === 'hard'; });
    if (hard.length && !(narrow.matches && list.jump())) { document.getElementById('findings').focus(); }
    return !hard.length;
  }

  /* ---- start ---- */
  function startList() {
    list = window.Findings.start({
      host: document.getElementById('finding-list'), page: document, words: words, locked: data.locked,
      label: labelOf, place_name: function (field) { return words['cell_' + part(field).cell] || ''; },
      mend: mend, mended: function (field) { fillExpected(part(field).indicator); },
      focus: function (field) {
        var input = inputs[field] || inputs[field.slice(0, field.lastIndexOf('.')) + '.ytd'];
        if (input) { sheet.focus(input); }
      },
      explained: function () { saver.touch(); },
      place: function (finding) {
        var slot = narrow.matches && slotOf(finding.field);
        return slot ? slot.closest('tr').querySelector('[data-findings]') : null;
      }
    });
  }
  function watchControls() {
    document.addEventListener('click', function (event) {
      if (event.target.closest('[data-fill]')) { fillExpected(current); }
      if (event.target.closest('[data-undo]')) { sheet.undo(); document.getElementById('paste-notice').hidden = true; }
      var filter = event.target.closest('[data-filter-by]');
      if (filter) { filterBy(filter); }
    });
    table.addEventListener('focusout', left);
    narrow.addEventListener('change', list.again);
  }
  function filterBy(button) {
    table.dataset.filter = button.dataset.filterBy;
    document.querySelectorAll('[data-filter-by]').forEach(function (other) {
      other.setAttribute('aria-pressed', String(other === button));
    });
    review();
  }
  function start() {
    data.indicators.forEach(function (indicator) { indicators[indicator.code] = indicator; });
    table.querySelectorAll('input[data-field]').forEach(function (input) { inputs[input.dataset.field] = input; });
    sheet = window.Sheet.start(table, { clean: clean, typing: typing, changed: changed, entered: entered, notice: function (counts) { Marks.pasted(counts, words); } });
    startList();
    list.show(findings());
    saver = data.locked ? Marks.NO_SAVER : window.Autosave.start({
      data: data, dataId: 'grid-data', words: words, read: read, write: write, payload: payload, theirs: theirs,
      offered: offered(), label: labelOf, shown: shown, saved: saved, rejected: rejected,
      savable: function (field, text) { return field.slice(0, 2) === 'x-' || Numbers.read(text).kind !== 'bad'; }
    });
    window.Wizard.start(saver, ready);
    Object.keys(indicators).forEach(showGrowth);
    watchControls();
    review();
  }
  start();
})();
