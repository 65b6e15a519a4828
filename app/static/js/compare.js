/* The dialog that puts two versions of the same cells side by side and lets one choose for each.
 *
 * Compare.ask({title, text, rows: [{field, label, mine, theirs}], mine, theirs, words}) -> Promise
 *   resolves to {field: 'mine' | 'theirs'}, or null when put off. Nothing is changed by the dialog itself. */
(function () {
  'use strict';

  function element(tag, className, text) {
    var node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined) { node.textContent = text; }
    return node;
  }

  function option(row, side, text, caption) {
    var cell = element('td');
    var label = element('label', 'cmp-pick');
    var radio = element('input');
    radio.type = 'radio';
    radio.name = 'pick-' + row.field;
    radio.value = side;
    radio.checked = side === 'mine';
    radio.setAttribute('aria-label', row.label + ' ' + caption + ' ' + (text || '—'));
    label.append(radio, element('span', 'qj-num', text || '—'));
    cell.append(label);
    return cell;
  }

  function head(question) {
    var row = element('tr');
    ['', question.mine, question.theirs].forEach(function (text, i) {
      var cell = element('th', '', text || question.words.field);
      cell.scope = 'col';
      if (i) {
        var all = element('button', 'qj-link cmp-all', question.words.take_all);
        all.type = 'button';
        all.dataset.all = i === 1 ? 'mine' : 'theirs';
        cell.append(' ', all);
      }
      row.append(cell);
    });
    var group = element('thead');
    group.append(row);
    return group;
  }

  function table(question) {
    var node = element('table', 'qj-t');
    var body = element('tbody');
    question.rows.forEach(function (row) {
      var line = element('tr');
      var name = element('th', 'cmp-name', row.label);
      name.scope = 'row';
      line.append(name, option(row, 'mine', row.mine, question.mine), option(row, 'theirs', row.theirs, question.theirs));
      body.append(line);
    });
    node.append(head(question), body);
    node.addEventListener('click', function (event) {
      var side = event.target.dataset.all;
      if (!side) { return; }
      body.querySelectorAll('input[value="' + side + '"]').forEach(function (radio) { radio.checked = true; });
    });
    return node;
  }

  function choices(dialog) {
    var picked = {};
    dialog.querySelectorAll('input:checked').forEach(function (radio) {
      picked[radio.name.slice('pick-'.length)] = radio.value;
    });
    return picked;
  }

  function ask(question) {
    var dialog = element('dialog', 'cmp');
    var title = element('h2', 'qj-h2', question.title);
    title.id = 'compare-title';
    dialog.setAttribute('aria-labelledby', title.id);
    var scroll = element('div', 'cmp-scroll');
    scroll.tabIndex = 0;
    scroll.append(table(question));
    var later = element('button', 'qj-btn', question.words.decide_later);
    var apply = element('button', 'qj-btn pri', question.words.apply);
    var buttons = element('div', 'cmp-foot');
    later.type = 'button';
    apply.type = 'button';
    buttons.append(later, apply);
    dialog.append(title, element('p', 'qj-13', question.text), scroll, buttons);
    document.body.append(dialog);
    return new Promise(function (resolve) {
      function close(answer) {
        dialog.close();
        dialog.remove();
        resolve(answer);
      }
      later.addEventListener('click', function () { close(null); });
      apply.addEventListener('click', function () { close(choices(dialog)); });
      dialog.addEventListener('cancel', function (event) { event.preventDefault(); close(null); });
      dialog.showModal();
      dialog.querySelector('input').focus();
    });
  }

  window.Compare = { ask: ask, element: element };
})();
