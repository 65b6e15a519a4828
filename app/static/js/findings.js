/* Findings: rules asked in the page while one types, and the list of what they and the server found.
 *
 * A rule is {code, severity, expression, fields: {field: message}}; it is asked once for each of its fields, with the
 * names `cell`, the indicator's own cells and last month's (`ytd`, `last.ytd`), and everybody's (`revenue.ytd`).
 * A finding is {key, code, severity: hard|soft|hint, field, message, explanation}. */
(function () {
  'use strict';
  var ENOUGH = 5; // characters of an explanation (spec 20)

  function owner(field) { return field.slice(0, field.lastIndexOf('.')); }

  function namesFor(field, values, others) {
    var own = owner(field) + '.';
    var names = Object.assign({}, others, values);
    Object.keys(names).forEach(function (name) {
      ['', 'last.', 'lastyear.'].forEach(function (prefix) {
        if (name.indexOf(prefix + own) === 0) { names[prefix + name.slice((prefix + own).length)] = names[name]; }
      });
    });
    names.cell = values[field];
    names['cell.readable'] = true; // what cannot be read is marked without asking a rule
    return names;
  }

  /* values and others: {name: text that travels, or null for a missing figure}. */
  function check(rules, values, others) {
    var found = [];
    rules.forEach(function (rule) {
      Object.keys(rule.fields).forEach(function (field) {
        if (window.Expressions.evaluate(rule.expression, namesFor(field, values, others)) !== false) { return; }
        found.push({
          key: rule.code + ':' + field, code: rule.code, severity: rule.severity, field: field,
          message: rule.fields[field], explanation: ''
        });
      });
    });
    return found;
  }

  /* What the server found last, with the rules that the page can ask itself asked anew. */
  function merge(known, fresh, rules) {
    var asked = new Set(rules.map(function (rule) { return rule.code; }));
    var explanations = {};
    known.forEach(function (finding) { explanations[finding.key] = finding.explanation; });
    fresh.forEach(function (finding) { finding.explanation = explanations[finding.key] || ''; });
    return inOrder(fresh.concat(known.filter(function (finding) { return !asked.has(finding.code); })), []);
  }

  /* The worst first, those of one severity as their fields follow each other on the page. */
  function inOrder(found, fields) {
    var order = { hard: 0, soft: 1, hint: 2 };
    function placeOf(finding) {
      var place = fields.indexOf(finding.field);
      return place < 0 ? fields.length : place;
    }
    return found.slice().sort(function (a, b) {
      return order[a.severity] - order[b.severity] || placeOf(a) - placeOf(b);
    });
  }

  function idOf(key) { return 'finding-' + key.replace(/[^\w-]/g, '-'); }

  var options;
  var host;
  var nodes = {};
  var opened = new Set(); // explanations being written: not folded away under the hands

  function make(finding) {
    var node = document.getElementById('finding-template').content.firstElementChild.cloneNode(true);
    node.dataset.key = finding.key;
    node.id = idOf(finding.key);
    var area = node.querySelector('textarea');
    area.name = 'x-' + finding.key;
    area.value = finding.explanation || '';
    return node;
  }
  function isExplained(node) { return node.querySelector('textarea').value.trim().length >= ENOUGH; }

  function kindOf(finding, node) {
    if (finding.severity === 'soft' && isExplained(node) && !opened.has(finding.key)) { return 'done'; }
    return finding.severity;
  }
  function fill(node, finding) {
    var kind = kindOf(finding, node);
    var area = node.querySelector('textarea');
    node.dataset.field = finding.field;
    node.dataset.kind = kind;
    node.querySelector('[data-title]').textContent = options.words['kind_' + kind];
    node.querySelector('[data-place]').textContent = options.place_name(finding.field);
    node.querySelector('[data-message]').textContent =
      kind === 'done' ? finding.message + options.words.colon + area.value.trim() : finding.message;
    var mend = options.mend(finding);
    node.querySelector('[data-mend]').hidden = !mend || kind === 'done';
    node.querySelector('[data-mend]').textContent = mend;
    node.querySelector('[data-explain]').hidden = kind !== 'soft';
    node.querySelector('[data-locate]').hidden = kind === 'done' || !finding.field;
    node.querySelector('[data-change]').hidden = kind !== 'done';
    area.setAttribute('aria-label', options.label(finding.field) + ' ' + options.words.explanation);
    area.disabled = finding.severity !== 'soft' || options.locked;
    node.querySelector('[data-short]').hidden = !area.value.trim() || isExplained(node);
  }

  var shown = [];
  var jumpedTo = ''; // the field of a mistake
  function show(findings) {
    var wanted = new Set(findings.map(function (finding) { return finding.key; }));
    Object.keys(nodes).forEach(function (key) { if (!wanted.has(key)) { nodes[key].remove(); } });
    shown = findings;
    findings.forEach(function (finding) {
      fill(nodes[finding.key] || (nodes[finding.key] = make(finding)), finding);
    });
    settle();
  }
  /* In the panel, or on a phone in the indicator's own card. A node in its place stays: moving takes the focus away. */
  function settle() {
    var next = new Map();
    shown.forEach(function (finding) {
      var node = nodes[finding.key];
      var place = options.place(finding) || host;
      var at = next.has(place) ? next.get(place) : place.firstElementChild;
      if (node === at) { next.set(place, node.nextElementSibling); }
      else { place.insertBefore(node, at); next.set(place, at); }
    });
  }
  function again() { show(shown); }

  function explanations() {
    var texts = {};
    shown.forEach(function (finding) {
      if (finding.severity === 'soft') { texts['x-' + finding.key] = nodes[finding.key].querySelector('textarea').value.trim(); }
    });
    return texts;
  }
  function explain(key, text) {
    if (!nodes[key]) { return; }
    nodes[key].querySelector('textarea').value = text;
    again();
  }

  /* To the mistake after the one that was jumped to last, and round again: false where there is none. */
  function jump() {
    var hard = shown.filter(function (finding) { return finding.severity === 'hard' && finding.field; });
    if (!hard.length) { return false; }
    var at = hard.findIndex(function (finding) { return finding.field === jumpedTo; });
    jumpedTo = hard[(at + 1) % hard.length].field;
    options.focus(jumpedTo);
    return true;
  }

  function clicked(event) {
    if (event.target.closest('[data-jump]')) { jump(); }
    var node = event.target.closest('[data-key]');
    if (!node) { return; }
    var area = node.querySelector('textarea');
    if (event.target.closest('[data-mend]')) { options.mended(node.dataset.field); }
    if (event.target.closest('[data-locate]')) { options.focus(node.dataset.field); }
    if (event.target.closest('[data-chip]')) {
      area.value = area.value.trim() ? area.value.trim() + options.words.comma + event.target.textContent : event.target.textContent;
      options.explained();
      area.focus();
    }
    if (event.target.closest('[data-change]')) {
      opened.add(node.dataset.key);
      again();
      area.focus();
    }
  }
  function watch(page) {
    page.addEventListener('click', clicked);
    page.addEventListener('focusin', function (event) {
      if (event.target.matches('[data-key] textarea')) { opened.add(event.target.closest('[data-key]').dataset.key); }
    });
    page.addEventListener('input', function (event) {
      if (!event.target.matches('[data-key] textarea')) { return; }
      options.explained();
      again();
    });
    page.addEventListener('focusout', function (event) {
      if (!event.target.matches('[data-key] textarea')) { return; }
      opened.delete(event.target.closest('[data-key]').dataset.key);
      again();
    });
  }

  /* options: {host, page, words, label(field), place_name(field), focus(field), explained(),
     mend(finding): label of a button that mends it, or ''; mended(field): the button was pressed;
     place(finding): where its card goes, null for the panel; locked}  */
  function start(given) {
    options = given;
    host = options.host;
    host.querySelectorAll('[data-key]').forEach(function (node) { nodes[node.dataset.key] = node; });
    watch(options.page);
    return { show: show, again: again, explanations: explanations, explain: explain, jump: jump };
  }

  window.Findings = { start: start, check: check, merge: merge, inOrder: inOrder, idOf: idOf };
})();
