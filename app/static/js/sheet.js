/* A table of inputs that behaves like a spreadsheet: keys, paste of Excel blocks, undo across cells.
 *
 * Sheet.start(table, options) -> {undo, redo, record, set, commit, focus, inputs}
 *   options.clean(input, text)   the text as the cell shows it once it is left
 *   options.typing(input)        a key was typed; options.changed(inputs) cells were left, pasted or undone
 *   options.entered(input)       a cell got the focus
 *   options.notice(counts)       after a paste: {pasted, skipped, outside}
 *   options.grow(count)          optional: add rows for a tall paste, or one at the bottom; returns a step or null
 * A slot is a cell of the body marked data-slot; a slot without an input is one that is not to be filled.
 * A step is {undo(), redo()}; steps recorded together are undone together. */
(function () {
  'use strict';

  /* Tabs part cells, line ends part rows; Excel quotes a cell that holds either. */
  function parseBlock(text) {
    var rows = [[]];
    var cell = '';
    var quoted = false;
    var plain = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '');
    for (var i = 0; i < plain.length; i += 1) {
      var c = plain[i];
      if (quoted) {
        if (c !== '"') { cell += c; }
        else if (plain[i + 1] === '"') { cell += '"'; i += 1; }
        else { quoted = false; }
      } else if (c === '"' && cell === '') { quoted = true; }
      else if (c === '\t' || c === '\n') {
        rows[rows.length - 1].push(cell);
        cell = '';
        if (c === '\n') { rows.push([]); }
      } else { cell += c; }
    }
    rows[rows.length - 1].push(cell);
    return rows;
  }

  function isBlock(text) { return /[\t\n]/.test(text.replace(/[\r\n]+$/, '')); }

  var narrow = window.matchMedia('(max-width: 760px)');
  var table;
  var options;
  var body;
  var editing = false; // the caret moves inside the cell, as in Excel after F2
  var byMouse = false;
  var done = [];
  var undone = [];

  function rows() { return Array.from(body.rows).filter(function (row) { return !row.hidden; }); }
  function slots(row) { return Array.from(row.querySelectorAll('[data-slot]')); }
  function inputAt(row, column) {
    var slot = row && slots(row)[column];
    var input = slot && slot.querySelector('input');
    return input && !input.disabled && !input.readOnly ? input : null;
  }
  function place(input) {
    var row = input.closest('tr');
    return { row: rows().indexOf(row), column: slots(row).indexOf(input.closest('[data-slot]')) };
  }
  function isCell(target) { return target && target.matches && target.matches('[data-slot] input'); }

  function focus(input) {
    input.focus();
    if (document.activeElement === input && !coarse()) { input.select(); }
  }
  function coarse() { return window.matchMedia('(pointer: coarse)').matches; }

  function move(from, down, right) {
    var all = rows();
    var row = from.row + down;
    var column = from.column + right;
    while (all[row] && column >= 0 && column < slots(all[row]).length) {
      var input = inputAt(all[row], column);
      if (input) { focus(input); return true; }
      row += down;
      column += right;
    }
    return false;
  }
  function moveToEdge(input, wholeTable, toEnd) {
    var all = wholeTable ? rows() : [input.closest('tr')];
    var cells = all.reduce(function (found, row) {
      return found.concat(slots(row).map(function (_slot, i) { return inputAt(row, i); }).filter(Boolean));
    }, []);
    if (cells.length) { focus(cells[toEnd ? cells.length - 1 : 0]); }
  }

  /* ---- what is kept, and how it is undone ---- */
  function kept(input) { return input.dataset.kept === undefined ? input.defaultValue : input.dataset.kept; }
  function put(input, text) {
    input.value = text;
    input.dataset.kept = text;
  }
  function cellStep(input, from, to) {
    return {
      input: input,
      undo: function () { put(input, from); },
      redo: function () { put(input, to); }
    };
  }
  function record(steps) {
    if (!steps.length) { return; }
    done.push(steps);
    undone = [];
  }
  function touched(steps) { return steps.map(function (step) { return step.input; }).filter(Boolean); }

  function commit(input) {
    var from = kept(input);
    var to = options.clean(input, input.value);
    put(input, to);
    if (to !== from) {
      record([cellStep(input, from, to)]);
      options.changed([input]);
    }
  }

  /* Put several texts in at once: one step for undo. */
  function set(changes, otherSteps) {
    var steps = (otherSteps || []).slice();
    changes.forEach(function (change) {
      var from = kept(change.input);
      var to = options.clean(change.input, change.text);
      put(change.input, to);
      if (to !== from) { steps.push(cellStep(change.input, from, to)); }
    });
    record(steps);
    if (steps.length) { options.changed(touched(steps)); }
    return steps.length;
  }

  function turn(source, target, direction) {
    if (isCell(document.activeElement)) { commit(document.activeElement); }
    var steps = source.pop();
    if (!steps) { return false; }
    var ordered = direction === 'undo' ? steps.slice().reverse() : steps;
    ordered.forEach(function (step) { step[direction](); });
    target.push(steps);
    options.changed(touched(steps));
    var visible = touched(steps).find(function (input) { return input.isConnected; });
    if (visible) { focus(visible); }
    return true;
  }
  function undo() { return turn(done, undone, 'undo'); }
  function redo() { return turn(undone, done, 'redo'); }

  /* ---- paste ---- */
  function paste(input, text) {
    var block = parseBlock(text);
    var from = place(input);
    var counts = { pasted: 0, skipped: 0, outside: 0 };
    var missing = from.row + block.length - rows().length;
    var grown = missing > 0 && options.grow ? options.grow(missing) : null;
    var changes = [];
    var all = rows();
    block.forEach(function (line, i) {
      var row = all[from.row + i];
      line.forEach(function (value, j) {
        var target = inputAt(row, from.column + j);
        if (target) { changes.push({ input: target, text: value.trim() }); }
        else if (value.trim() !== '') {
          counts[row && slots(row)[from.column + j] ? 'skipped' : 'outside'] += 1;
        }
      });
    });
    counts.pasted = changes.length;
    set(changes, grown ? [grown] : []);
    editing = false;
    options.notice(counts);
    focus(input);
  }

  /* ---- keys ---- */
  function withControl(event, input) {
    var key = event.key.toLowerCase();
    if (key === 'z') { if (event.shiftKey) { redo(); } else { undo(); } }
    else if (key === 'y') { redo(); }
    else if (key === 'home') { moveToEdge(input, true, false); }
    else if (key === 'end') { moveToEdge(input, true, true); }
    else { return false; }
    return true;
  }
  function atEdge(input, right) {
    if (!editing) { return true; }
    var caret = input.selectionStart;
    return caret === input.selectionEnd && caret === (right ? input.value.length : 0);
  }
  function down(input) {
    if (move(place(input), 1, 0) || !options.grow || !input.value) { return; }
    var grown = options.grow(1);
    if (grown) {
      record([grown]);
      move(place(input), 1, 0);
    }
  }
  /* On a phone the key of the keyboard goes on to the next cell that people fill; what the system filled in is passed. */
  function onward(input) {
    var cells = rows().reduce(function (found, row) {
      return found.concat(slots(row).map(function (_slot, i) { return inputAt(row, i); }).filter(Boolean));
    }, []);
    var next = cells.slice(cells.indexOf(input) + 1).find(function (other) {
      return !other.value || !other.closest('[data-slot]').classList.contains('p');
    });
    if (next) { focus(next); } else { input.blur(); }
  }
  function entering(input, event) {
    if (narrow.matches) { onward(input); }
    else if (event.shiftKey) { move(place(input), -1, 0); }
    else { down(input); }
  }
  function restore(input) {
    input.value = kept(input);
    editing = false;
    input.select();
    options.typing(input);
  }
  function edit(input) {
    editing = true;
    input.setSelectionRange(input.value.length, input.value.length);
  }
  var KEYS = {
    Enter: entering,
    ArrowDown: function (input) { move(place(input), 1, 0); },
    ArrowUp: function (input) { move(place(input), -1, 0); },
    Escape: restore,
    F2: edit
  };
  var KEYS_BETWEEN_CELLS = {
    ArrowLeft: function (input) { if (!atEdge(input, false)) { return false; } return move(place(input), 0, -1) || !editing; },
    ArrowRight: function (input) { if (!atEdge(input, true)) { return false; } return move(place(input), 0, 1) || !editing; },
    Home: function (input) { if (editing) { return false; } moveToEdge(input, false, false); return true; },
    End: function (input) { if (editing) { return false; } moveToEdge(input, false, true); return true; }
  };
  function keyed(event) {
    var input = event.target;
    if (!isCell(input) || event.isComposing || event.keyCode === 229 || event.altKey) { return; }
    var taken = true;
    if (event.ctrlKey || event.metaKey) { taken = withControl(event, input); }
    else if (KEYS[event.key]) { KEYS[event.key](input, event); }
    else if (KEYS_BETWEEN_CELLS[event.key] && !event.shiftKey) { taken = KEYS_BETWEEN_CELLS[event.key](input); }
    else { taken = false; }
    if (taken) { event.preventDefault(); }
  }

  function typed(event) {
    if (!isCell(event.target)) { return; }
    editing = true;
    if (!event.isComposing) { options.typing(event.target); }
  }
  function entered(event) {
    if (!isCell(event.target)) { return; }
    editing = coarse();
    if (!coarse()) { event.target.select(); }
    options.entered(event.target);
  }
  function left(event) {
    if (isCell(event.target)) { commit(event.target); }
  }
  function pressed(event) {
    if (!isCell(event.target)) { return; }
    byMouse = document.activeElement !== event.target;
    if (!byMouse) { editing = true; }
  }
  function released(event) { // a first click selects the cell, a second one places the caret
    if (byMouse && !coarse() && isCell(event.target)) { event.preventDefault(); }
    byMouse = false;
  }
  function pasted(event) {
    var text = event.clipboardData.getData('text/plain');
    if (!isCell(event.target) || !isBlock(text)) { return; }
    event.preventDefault();
    paste(event.target, text);
  }

  function start(node, given) {
    table = node;
    options = given;
    body = table.tBodies[0];
    table.addEventListener('keydown', keyed);
    table.addEventListener('input', typed);
    table.addEventListener('compositionend', function (event) {
      if (isCell(event.target)) { options.typing(event.target); }
    });
    table.addEventListener('focusin', entered);
    table.addEventListener('focusout', left);
    table.addEventListener('mousedown', pressed);
    table.addEventListener('mouseup', released);
    table.addEventListener('paste', pasted);
    return { undo: undo, redo: redo, record: record, set: set, commit: commit, put: put, focus: focus };
  }

  window.Sheet = { start: start, parseBlock: parseBlock };
})();
