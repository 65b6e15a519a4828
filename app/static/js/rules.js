/* The page of a rule: names are found and put into the expression, which is read again as one types. */
(function () {
  'use strict';
  var PAUSE = 300; // ms without a key before the server is asked
  var box = document.getElementById('expression');
  var list = document.getElementById('rule-name-list');
  if (!box) { return; }

  /* ---- names ---- */
  function textOf(name) { return name.replace(/…$/, '').replace(/\(\)$/, '('); }

  /* Put a name where the caret stands, apart from the words around it; a function gets its brackets. */
  function insert(name) {
    var text = textOf(name);
    var from = box.selectionStart;
    var before = box.value.slice(0, from);
    var after = box.value.slice(box.selectionEnd);
    var gap = before && !/[\s(\[.]$/.test(before) ? ' ' : '';
    var end = /\($/.test(text) ? ')' : '';
    box.value = before + gap + text + end + after;
    var caret = (before + gap + text).length;
    box.focus();
    box.setSelectionRange(caret, caret);
    box.dispatchEvent(new Event('input', { bubbles: true }));
  }

  function makeButtons() {
    list.querySelectorAll('.qj-names code').forEach(function (code) {
      var button = document.createElement('button');
      button.type = 'button';
      button.className = 'rl-name';
      button.dataset.name = code.textContent;
      code.replaceWith(button);
      button.append(code);
    });
  }

  function buttons() {
    return Array.from(list.querySelectorAll('.rl-name')).filter(function (button) { return button.offsetParent; });
  }

  /* A name fits by itself, or all names of a line by the line's words. */
  function find(wanted) {
    var any = false;
    list.querySelectorAll('.qj-names dd > span').forEach(function (line) {
      var words = line.querySelector('.qj-muted');
      var all = words && words.textContent.toLowerCase().indexOf(wanted) >= 0;
      var shown = 0;
      line.querySelectorAll('.rl-name').forEach(function (button) {
        button.hidden = !all && button.dataset.name.toLowerCase().indexOf(wanted) < 0;
        shown += button.hidden ? 0 : 1;
      });
      line.hidden = !shown;
      any = any || shown > 0;
    });
    list.querySelectorAll('.qj-names > div').forEach(function (group) {
      group.hidden = !group.querySelector('dd > span:not([hidden])');
    });
    var none = document.getElementById('rule-no-name');
    none.textContent = any ? '' : none.dataset.words;
  }

  function step(event) {
    var all = buttons();
    var at = all.indexOf(document.activeElement);
    var to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1 }[event.key];
    if (to === undefined || (at < 0 && event.key !== 'ArrowDown')) { return; }
    event.preventDefault();
    (all[to] || document.getElementById('rule-name-search')).focus();
  }

  function startNames() {
    var search = document.getElementById('rule-name-search');
    makeButtons();
    search.closest('.rl-find').hidden = false;
    search.addEventListener('input', function () { find(search.value.trim().toLowerCase()); });
    search.addEventListener('keydown', function (event) {
      if (event.key !== 'Enter' || event.isComposing) { return; }
      event.preventDefault();
      var first = buttons()[0];
      if (first) { insert(first.dataset.name); }
    });
    list.addEventListener('keydown', step);
    list.addEventListener('click', function (event) {
      var button = event.target.closest('.rl-name');
      if (button) { insert(button.dataset.name); }
    });
  }

  /* ---- reading ---- */
  var reading = document.querySelector('.rl-reading');
  var section = document.getElementById('section');
  var asked = 0;
  var timer;

  function show(answer) {
    var place = reading.querySelector('pre');
    var mark = document.createElement('mark');
    mark.textContent = answer.marked;
    place.hidden = !answer.wrong;
    place.replaceChildren(answer.before, mark, answer.after);
    reading.querySelector('p').textContent = answer.words;
    reading.classList.toggle('wrong', answer.wrong);
  }

  function versionOf() {
    var chosen = document.getElementById('draft');
    return chosen ? chosen.value : list.dataset.version;
  }

  function read() {
    var turn = asked += 1;
    window.qj.request(reading.dataset.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ version: versionOf(), section: section.value, expression: box.value })
    }).then(function (response) {
      return response.ok ? response.json() : null;
    }).then(function (answer) {
      if (answer && turn === asked) { show(answer); }
    }, function () { show({ before: '', marked: '', after: '', wrong: false, words: '' }); });
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(read, PAUSE);
  }

  if (list) {
    startNames();
    box.addEventListener('input', later);
    section.addEventListener('input', later);
  }
})();
