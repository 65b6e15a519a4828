/* What a step of cells shows of its findings: marks at cells, counters, the note after a paste. */
(function () {
  'use strict';
  var say = window.Autosave.say;

  function describe(input, finding) {
    if (!input) { return; }
    if (finding.severity === 'hard') { input.setAttribute('aria-invalid', 'true'); }
    var before = input.getAttribute('aria-describedby');
    var id = window.Findings.idOf(finding.key);
    input.setAttribute('aria-describedby', before ? before + ' ' + id : id);
  }

  /* slotOf(field) and inputOf(field) may give null: a finding of a cell that is not here. */
  function cells(table, found, slotOf, inputOf) {
    table.querySelectorAll('td.hard, td.soft').forEach(function (slot) { slot.classList.remove('hard', 'soft'); });
    table.querySelectorAll('[data-slot] input').forEach(function (input) {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-describedby');
    });
    found.forEach(function (finding) {
      var slot = slotOf(finding.field);
      if (!slot || finding.severity === 'hint') { return; }
      slot.classList.add(finding.severity);
      describe(inputOf(finding.field), finding);
    });
  }

  function count(found) {
    var counts = { hard: 0, soft: 0, hint: 0 };
    found.forEach(function (finding) { counts[finding.severity] += 1; });
    document.querySelectorAll('[data-count]').forEach(function (node) {
      node.textContent = say(node.dataset.words, { hard: counts.hard, soft: counts.soft, all: counts.hard + counts.soft });
      node.classList.toggle('is-zero', node.dataset.count !== 'all' && !counts[node.dataset.count]);
    });
    document.getElementById('no-findings').hidden = found.length > 0;
  }

  function note(text) {
    document.getElementById('paste-text').textContent = text;
    document.getElementById('paste-notice').hidden = false;
  }
  function pasted(counts, words) {
    var parts = [say(words.pasted, { count: counts.pasted })];
    if (counts.skipped) { parts.push(say(words.skipped, { count: counts.skipped })); }
    if (counts.outside) { parts.push(say(words.outside, { count: counts.outside })); }
    note(parts.join(words.comma));
  }

  /* What is wrong with how a number is written, or ''. */
  function writing(text, decimals, words) {
    var found = window.Numbers.read(text);
    if (found.kind === 'bad') { return words.not_a_number; }
    if (!found.value || found.value.scale <= decimals) { return ''; }
    return decimals ? say(words.too_many_decimals, { count: decimals }) : words.whole_number;
  }

  /* The text that travels: canonical where it is a number, as typed where it is none. */
  function plain(text) {
    var found = window.Numbers.read(text);
    return found.kind === 'bad' ? text.trim() : window.Numbers.canonical(found.value);
  }

  /* Stands in for saving where a report is locked. */
  var NO_SAVER = {
    touch: function () {}, flush: function () { return Promise.resolve(true); }, isDirty: function () { return false; }
  };

  window.Marks = { cells: cells, count: count, note: note, pasted: pasted, writing: writing, plain: plain, NO_SAVER: NO_SAVER };
})();
