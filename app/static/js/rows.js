/* A step of repeating rows: the sheet of the grid, with rows that come and go; columns are data.
 *
 * A field is '<row key>.<column>'. Keys are this page's own: the server knows rows by their order, counted from 1. */
(function () {
  'use strict';
  var Numbers = window.Numbers;
  var Marks = window.Marks;
  var say = window.Autosave.say;
  var table = document.querySelector('table[data-rows]');
  if (!table) { return; }
  var data = JSON.parse(document.getElementById('rows-data').textContent);
  var words = JSON.parse(document.getElementById('words').textContent);
  var body = table.tBodies[0];
  var columns = {};
  var narrow = window.matchMedia('(max-width: 760px)');
  var known = []; // findings as the server answered last, by this page's keys
  var stored = []; // keys of the rows that the server holds, in its order
  var sent = [];
  var made = 0;
  var visited = new Set();
  var strict = Boolean(data.strict);
  var sheet;
  var saver;
  var list;

  /* ---- rows and fields ---- */
  function rows() { return Array.from(body.rows); }
  function inputsOf(row) { return Array.from(row.querySelectorAll('input[data-column]')); }
  function isBlank(row) { return inputsOf(row).every(function (input) { return input.value.trim() === ''; }); }
  function rowOf(key) { return rows().find(function (row) { return row.dataset.key === key; }); }
  function split(field) {
    var dot = field.lastIndexOf('.');
    return { key: field.slice(0, dot), column: columns[field.slice(dot + 1)] };
  }
  function inputAt(field) {
    var found = split(field);
    var row = rowOf(found.key);
    return row && found.column ? row.querySelector('input[data-column="' + found.column.code + '"]') : null;
  }
  function slotAt(field) {
    var input = inputAt(field);
    return input ? input.closest('td') : null;
  }
  function fieldOf(input) { return input.closest('tr').dataset.key + '.' + input.dataset.column; }
  function textOf(input) {
    return columns[input.dataset.column].kind === 'number' ? Marks.plain(input.value) : input.value.trim();
  }
  function labelOf(field) {
    var found = split(field);
    var number = rows().indexOf(rowOf(found.key)) + 1;
    return say(words.row, { number: number || '—' }) + (found.column ? ' ' + found.column.name : '');
  }
  function shown(field, text) {
    var column = split(field).column;
    var value = column.kind === 'number' && text ? Numbers.parse(text) : null;
    return value ? Numbers.format(value) : text;
  }

  /* ---- rows that come and go ---- */
  function make(key) {
    var row = document.getElementById('row-template').content.firstElementChild.cloneNode(true);
    made += 1;
    row.dataset.key = key || 'new-' + made;
    return row;
  }
  function number() {
    rows().forEach(function (row, i) {
      row.querySelector('[data-number]').textContent = i + 1;
      inputsOf(row).forEach(function (input) {
        input.setAttribute('aria-label', say(words.row, { number: i + 1 }) + ' ' + columns[input.dataset.column].name);
      });
    });
    document.getElementById('add-row').disabled = data.locked || rows().length >= data.max_rows;
  }
  function placing(row, isThere) { // a step that puts a row where it stood, or takes it away
    var next = row.nextElementSibling;
    function put() { body.insertBefore(row, next && next.isConnected ? next : null); number(); }
    function take() { row.remove(); number(); }
    return isThere ? { undo: put, redo: take } : { undo: take, redo: put };
  }
  function add(row) {
    body.append(row);
    number();
    return placing(row, false);
  }
  function grow(count) {
    var room = Math.min(count, data.max_rows - rows().length);
    if (room <= 0) { return null; }
    var steps = [];
    for (var i = 0; i < room; i += 1) { steps.push(add(make())); }
    return {
      undo: function () { steps.slice().reverse().forEach(function (step) { step.undo(); }); },
      redo: function () { steps.forEach(function (step) { step.redo(); }); }
    };
  }
  function remove(row) {
    var step = placing(row, true);
    var near = row.nextElementSibling || row.previousElementSibling;
    step.redo();
    if (!rows().length) { add(make()); }
    sheet.record([step]);
    sheet.focus(inputsOf(near && near.isConnected ? near : body.rows[0])[0]);
    Marks.note(words.row_removed);
    changed([]);
  }
  function keepTail() {
    var last = body.rows[body.rows.length - 1];
    if (!data.locked && (!last || !isBlank(last)) && rows().length < data.max_rows) { add(make()); }
  }

  /* ---- findings ---- */
  function values() {
    var map = {};
    filled().forEach(function (row) {
      inputsOf(row).forEach(function (input) {
        var text = textOf(input);
        map[fieldOf(input)] = !text ? null : columns[input.dataset.column].kind === 'number' ? text : { text: text };
      });
    });
    return map;
  }
  function filled() { return rows().filter(function (row) { return !isBlank(row); }); }
  function wrong(input) {
    var column = columns[input.dataset.column];
    if (column.kind === 'number') { return Marks.writing(input.value, column.decimals, words); }
    return input.value.trim().length > column.max_length ? say(words.too_long, { count: column.max_length }) : '';
  }
  function misspelt() {
    return filled().reduce(function (found, row) {
      inputsOf(row).filter(wrong).forEach(function (input) {
        var field = fieldOf(input);
        found.push({
          key: 'written:' + field, code: 'written', severity: 'hard', field: field,
          message: labelOf(field) + words.colon + wrong(input)
        });
      });
      return found;
    }, []);
  }
  function liveRules() { // each rule at its columns of every row that is not empty
    return data.rules.map(function (rule) {
      var fields = {};
      filled().forEach(function (row) {
        Object.keys(rule.columns).forEach(function (code) {
          var field = row.dataset.key + '.' + code;
          fields[field] = labelOf(field) + words.colon + rule.columns[code];
        });
      });
      return { code: rule.code, severity: rule.severity, expression: rule.expression, fields: fields };
    });
  }
  function findings() {
    var bad = misspelt();
    var unread = new Set(bad.map(function (finding) { return finding.field; }));
    var fresh = window.Findings.check(liveRules(), values(), data.names).filter(function (finding) {
      return !unread.has(finding.field);
    });
    var still = known.filter(function (finding) {
      var input = inputAt(finding.field);
      return input && (finding.code !== 'refused' || finding.text === input.value);
    });
    return bad.concat(window.Findings.merge(still, fresh, data.rules)).filter(isTimely);
  }
  function isTimely(finding) {
    var input = inputAt(finding.field);
    return strict || !input || input.value.trim() !== '' || visited.has(finding.field);
  }
  function review() {
    var found = findings();
    list.show(found);
    Marks.cells(table, found, slotAt, inputAt);
    Marks.count(found);
    document.getElementById('filled').textContent = say(words.rows_filled, { count: filled().length });
    return found;
  }
  /* '<section>.<row from 1>.<column>' of the server to this page's field. */
  function fieldHere(field, keys) {
    var parts = field.split('.');
    return parts.length === 3 && keys[parts[1] - 1] ? keys[parts[1] - 1] + '.' + parts[2] : '';
  }
  function translated(found, keys) {
    return found.map(function (finding) {
      var field = fieldHere(finding.field, keys);
      return Object.assign({}, finding, { field: field, message: (field ? labelOf(field) + words.colon : '') + finding.message });
    });
  }

  /* ---- what the sheet tells ---- */
  function clean(input, text) {
    var column = columns[input.dataset.column];
    var value = column.kind === 'number' ? Numbers.parse(text) : null;
    return value ? Numbers.format(value) : text.trim();
  }
  function changed(inputs) {
    inputs.forEach(function (input) { if (input.isConnected) { visited.add(fieldOf(input)); } });
    keepTail();
    review();
    saver.touch();
  }
  function typing() {
    keepTail();
    saver.touch();
  }
  function entered(input) {
    table.querySelectorAll('tr.cur').forEach(function (row) { row.classList.remove('cur'); });
    input.closest('tr').classList.add('cur');
  }
  function left(event) {
    if (!event.target.dataset.column || !event.target.isConnected) { return; }
    visited.add(fieldOf(event.target));
    review();
  }

  /* ---- saving ---- */
  function read() {
    var map = {};
    filled().forEach(function (row) { inputsOf(row).forEach(function (input) { map[fieldOf(input)] = textOf(input); }); });
    return map;
  }
  function savable(field) {
    var input = inputAt(field);
    return !input || !wrong(input);
  }
  function payload(_changed, base) {
    sent = [];
    var lines = [];
    filled().forEach(function (row) {
      var line = {};
      inputsOf(row).forEach(function (input) {
        var field = fieldOf(input);
        line[input.dataset.column] = (wrong(input) ? base[field] : textOf(input)) || '';
      });
      if (Object.keys(line).some(function (code) { return line[code] !== ''; })) {
        lines.push(line);
        sent.push(row.dataset.key);
      }
    });
    return { rows: lines };
  }
  function write(map, undoable) {
    var keys = Array.from(new Set(Object.keys(map).map(function (field) { return split(field).key; })));
    var steps = [];
    var changes = [];
    keys.forEach(function (key) {
      var row = rowOf(key);
      if (!row) {
        row = make(key);
        body.insertBefore(row, firstBlank());
        steps.push(placing(row, false));
      }
      if (inputsOf(row).every(function (input) { return fieldOf(input) in map && map[fieldOf(input)] === undefined; })) {
        row.remove(); // taken away by somebody else
        return;
      }
      inputsOf(row).forEach(function (input) {
        if (fieldOf(input) in map) { changes.push({ input: input, text: map[fieldOf(input)] || '' }); }
      });
    });
    if (undoable) { sheet.set(changes, steps); } else { changes.forEach(function (change) { sheet.put(change.input, clean(change.input, change.text)); }); }
    number();
    keepTail();
    review();
  }
  function firstBlank() { return rows().find(isBlank) || null; }

  /* The server's rows in this page's keys: an unchanged row keeps its key, then those that are left, in order. */
  function theirs(answer) {
    var lines = answer.rows.map(function (line) {
      var texts = {};
      Object.keys(columns).forEach(function (code) {
        var text = line[code] === null || line[code] === undefined ? '' : String(line[code]);
        texts[code] = columns[code].kind === 'number' ? Marks.plain(text) : text;
      });
      return texts;
    });
    var keys = align(lines);
    var map = {};
    lines.forEach(function (texts, i) {
      Object.keys(texts).forEach(function (code) { map[keys[i] + '.' + code] = texts[code]; });
    });
    stored = keys;
    return map;
  }
  function align(lines) {
    var from = 0;
    var anchors = lines.map(function (texts) {
      var found = stored.findIndex(function (key, i) { return i >= from && isSame(key, texts); });
      if (found >= 0) { from = found + 1; }
      return found;
    });
    var last = -1;
    return anchors.map(function (anchor, i) {
      var next = anchors.slice(i + 1).find(function (later) { return later >= 0; });
      var limit = next === undefined ? stored.length : next;
      var place = anchor < 0 && last + 1 < limit ? last + 1 : anchor;
      made += 1;
      if (place >= 0) { last = place; }
      return place < 0 ? 'new-' + made : stored[place];
    });
  }
  function isSame(key, texts) {
    return Object.keys(texts).every(function (code) { return saver.base()[key + '.' + code] === texts[code]; });
  }
  function saved(answer) {
    stored = sent;
    if (answer.findings) { known = translated(answer.findings, stored); }
    review();
  }
  function rejected(problems) {
    known = known.filter(function (finding) { return finding.code !== 'refused'; }).concat(
      problems.filter(function (problem) { return inputAt(problem.field); }).map(function (problem) {
        return {
          key: 'refused:' + problem.field, code: 'refused', severity: 'hard', field: problem.field,
          message: labelOf(problem.field) + words.colon + problem.message, text: inputAt(problem.field).value
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
      host: document.getElementById('finding-list'), page: document, words: words, locked: data.locked, label: labelOf,
      place_name: function () { return ''; }, mend: function () { return ''; },
      focus: function (field) { if (inputAt(field)) { sheet.focus(inputAt(field)); } },
      explained: function () { saver.touch(); },
      place: function (finding) {
        var slot = narrow.matches && slotAt(finding.field);
        return slot ? slot.closest('tr').querySelector('[data-findings]') : null;
      }
    });
  }
  function watchControls() {
    table.addEventListener('focusout', left);
    narrow.addEventListener('change', list.again);
    document.addEventListener('click', function (event) {
      var gone = event.target.closest('[data-remove]');
      if (gone) { remove(gone.closest('tr')); }
      if (event.target.closest('#add-row')) { addByHand(); }
      if (event.target.closest('[data-undo]')) { sheet.undo(); document.getElementById('paste-notice').hidden = true; }
    });
  }
  function addByHand() {
    var blank = firstBlank();
    var step = blank ? null : grow(1);
    if (step) { sheet.record([step]); }
    sheet.focus(inputsOf(blank || body.rows[body.rows.length - 1])[0]);
  }
  function dropSpareBlanks() { // without scripts the page brings several
    rows().filter(isBlank).forEach(function (row) { row.remove(); });
  }
  function start() {
    data.columns.forEach(function (column) { columns[column.code] = column; });
    dropSpareBlanks();
    stored = rows().map(function (row) { return row.dataset.key; });
    number();
    sheet = window.Sheet.start(table, {
      clean: clean, typing: typing, changed: changed, entered: entered, grow: grow,
      notice: function (counts) { Marks.pasted(counts, words); }
    });
    startList();
    saver = data.locked ? Marks.NO_SAVER : window.Autosave.start({
      data: data, dataId: 'rows-data', words: words, read: read, write: write, payload: payload, theirs: theirs,
      offered: {}, label: labelOf, shown: shown, saved: saved, rejected: rejected, savable: savable,
      field: function (field) { return fieldHere(field, sent); }
    });
    known = translated(data.findings, stored);
    keepTail();
    window.Wizard.start(saver, ready);
    watchControls();
    review();
  }
  start();
})();
