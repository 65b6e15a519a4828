/* Declared lists: conditions, ticks and their bar, keys to walk the rows. */
(function () {
  'use strict';

  const list = document.getElementById('ql');
  const form = document.getElementById('ql-form');
  if (!list) return;
  const findAll = (what, where) => Array.from((where || list).querySelectorAll(what));

  /* ---- conditions: what is blank is no condition and stays out of the address ---- */

  findAll('form[data-filters]').forEach(function (filters) {
    filters.addEventListener('submit', function () {
      const blank = findAll('input, select', filters).filter((box) => box.name && box.value === '');
      blank.forEach(function (box) { box.disabled = true; });
      setTimeout(function () { blank.forEach(function (box) { box.disabled = false; }); }, 0);
    });
  });

  /* ---- advanced conditions: the second value belongs to "between" only ---- */

  findAll('.ql-cond').forEach(function (row) {
    const operator = row.querySelector('.ql-op');
    const value = row.querySelector('.ql-value');
    const second = row.querySelector('.ql-second');
    const fit = function () {
      value.hidden = operator.value === 'none' || operator.value === 'some';
      if (second) second.hidden = operator.value !== 'between';
    };
    operator.addEventListener('change', fit);
    fit();
  });

  /* ---- a new condition that is looked up takes the focus in its list to type into ---- */

  const looked = list.querySelector('#ql-filters [data-focus]');
  if (looked) window.addEventListener('load', function () { (looked.tomselect ? looked.tomselect.control_input : looked).focus(); });

  /* ---- on a phone the conditions are folded away, and the button says how many hold ---- */

  const fold = list.querySelector('.ql-fold');
  if (fold && window.matchMedia('(max-width: 760px)').matches && !list.querySelector('#ql-filters [aria-invalid="true"], #ql-filters [autofocus], #ql-filters [data-focus]')) {
    const filters = document.getElementById(fold.getAttribute('aria-controls'));
    const holding = new Set(findAll('input:not([type="hidden"]), select', filters)
      .filter((box) => box.name && box.value !== '' && (box.type !== 'checkbox' || box.checked))
      .map((box) => box.name.replace(/^(where\.[0-9.]+)\.[a-z]+$/, '$1'))
      .filter((name) => name !== 'where.joined'));
    const unfold = function (open) {
      filters.hidden = !open;
      fold.setAttribute('aria-expanded', String(open));
    };
    fold.querySelector('b').textContent = holding.size ? String(holding.size) : '';
    fold.addEventListener('click', function () { unfold(filters.hidden); });
    fold.hidden = false;
    unfold(false);
  }

  if (!form) return;

  /* ---- ticks ---- */

  const all = document.getElementById('ql-all');
  const every = document.getElementById('ql-every');
  const bar = document.getElementById('ql-batch');
  const count = document.getElementById('ql-count');
  const ticks = () => findAll('tbody input[name="key"]');

  function show() {
    const boxes = ticks();
    const ticked = boxes.filter((box) => box.checked).length;
    boxes.forEach(function (box) { box.closest('tr').classList.toggle('on', box.checked); });
    if (all) {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && !all.checked;
    }
    if (count) count.textContent = String(ticked);
    if (bar) bar.hidden = ticked === 0 && !(every && every.checked);
  }

  form.addEventListener('change', function (event) {
    if (event.target === all) ticks().forEach(function (box) { box.checked = all.checked; });
    if (event.target === every && every.checked) ticks().forEach(function (box) { box.checked = true; });
    if (event.target.name === 'key' && !event.target.checked && every) every.checked = false;
    if (event.target === all && !all.checked && every) every.checked = false;
    show();
  });
  form.addEventListener('reset', function () { setTimeout(show, 0); });
  window.addEventListener('pageshow', show);
  show();

  /* ---- keys: J and K walk the rows, X ticks, Enter opens ---- */

  const rows = () => findAll('tbody tr');
  let current = -1;

  function walk(step) {
    const found = rows();
    if (!found.length) return;
    if (found[current]) found[current].classList.remove('cur');
    current = Math.max(0, Math.min(found.length - 1, current + step));
    found[current].classList.add('cur');
    const target = found[current].querySelector('td:not(.tick) a') || found[current].querySelector('input');
    if (target) target.focus();
    found[current].scrollIntoView({ block: 'nearest' });
  }

  function tickCurrent() {
    const row = rows()[current];
    const box = row && row.querySelector('input[name="key"]');
    if (box) { box.checked = !box.checked; box.dispatchEvent(new Event('change', { bubbles: true })); }
  }

  const isTyping = (where) => where.closest('input:not([type="checkbox"]), select, textarea, dialog, [contenteditable]');

  document.addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const step = { j: 1, k: -1, J: 1, K: -1 }[event.key];
    if (step) { event.preventDefault(); walk(step); }
    if (event.key === 'x' || event.key === 'X') { event.preventDefault(); tickCurrent(); }
  });
}());
