/* The review desk by keyboard: J and K to the next and previous report, A accepts, R returns, 1-9 picks a reason,
 * ? shows the keys. */
(function () {
  'use strict';
  var detail = document.getElementById('rv-detail');
  if (!detail) { return; }
  var comment = document.getElementById('rv-comment');
  var scroll = document.querySelector('.rv-list');
  var SHELF = 'review.scroll';

  /* ---- the row of the report that is open ---- */
  function markRow() {
    var box = Array.from(document.querySelectorAll('input[name="key"]')).find(function (input) {
      return input.value === detail.dataset.report;
    });
    var row = box && box.closest('tr');
    if (!row) { return; }
    row.classList.add('open');
    var link = row.querySelector('td:not(.tick) a');
    if (link) { link.setAttribute('aria-current', 'true'); }
    scroll.scrollTop = Number(window.sessionStorage.getItem(SHELF)) || 0;
    row.scrollIntoView({ block: 'nearest' });
  }
  function openRow(event) {
    var row = event.target.closest('tbody tr');
    if (!row || event.target.closest('a, input, button, label')) { return; }
    var link = row.querySelector('td:not(.tick) a');
    if (link) { link.click(); }
  }

  /* ---- views of the report ---- */
  function show(view) {
    detail.dataset.view = view;
    detail.querySelectorAll('[data-view]').forEach(function (button) {
      button.setAttribute('aria-pressed', String(button.dataset.view === view));
    });
    detail.querySelectorAll('[data-part]').forEach(function (part) {
      part.hidden = part.dataset.part !== view.replace('-year', '');
    });
  }

  /* ---- what the keys do ---- */
  var leaving = false; // while the next report loads, a quick A must not accept the one still shown
  function follow(direction) {
    var link = detail.querySelector('.rv-move a[rel="' + direction + '"][href]');
    if (link) { leaving = true; link.click(); }
  }
  function accept() {
    var form = document.getElementById('rv-accept');
    if (form) { form.requestSubmit(); }
  }
  function giveBack() { // a reason first, then the same key sends
    var form = document.getElementById('rv-return');
    if (!form) { return; }
    if (comment.value.trim()) { form.requestSubmit(); } else { comment.focus(); }
  }
  function pick(chip) {
    if (!chip || !comment) { return; }
    comment.value = chip.textContent;
    comment.focus();
  }
  var help = document.getElementById('rv-keys');
  function toggleHelp() {
    help.open = !help.open;
    if (help.open) { help.querySelector('summary').focus(); }
  }
  var KEYS = {
    j: function () { follow('next'); }, k: function () { follow('prev'); }, a: accept, r: giveBack
  };
  if (help) { KEYS['?'] = KEYS['\uff1f'] = toggleHelp; } // the wide one comes from Chinese keyboards
  function keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) { return; }
    if (event.target.closest('input:not([type="checkbox"]), select, textarea, dialog')) { return; }
    var act = KEYS[event.key.toLowerCase()];
    var chip = /^[1-9]$/.test(event.key) ? detail.querySelectorAll('[data-opinion]')[event.key - 1] : null;
    if (!act && !chip) { return; }
    event.preventDefault();
    event.stopImmediatePropagation(); // the list's own J and K walk rows, here they open them
    if (leaving) { return; }
    if (act) { act(); } else { pick(chip); }
  }

  document.addEventListener('keydown', keyed, true);
  if (help) {
    help.addEventListener('keydown', function (event) { if (event.key === 'Escape') { help.open = false; } });
  }
  document.addEventListener('click', function (event) {
    var button = event.target.closest('[data-view]');
    if (button) { show(button.dataset.view); }
    if (event.target.closest('[data-opinion]')) { pick(event.target.closest('[data-opinion]')); }
  });
  scroll.addEventListener('click', openRow);
  window.addEventListener('pageshow', function () { leaving = false; });
  window.addEventListener('pagehide', function () { window.sessionStorage.setItem(SHELF, String(scroll.scrollTop)); });
  if (comment) {
    comment.addEventListener('keydown', function (event) { if (event.key === 'Escape') { comment.blur(); } });
  }
  show('compare');
  markRow();
})();
