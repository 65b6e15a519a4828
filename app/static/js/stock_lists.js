/* Lists: ticked rows and what can be done with them, filters that leave nothing blank in the address. */
(function () {
  'use strict';

  const { find, findAll } = window.qj;

  /* ---- ticked rows ---- */

  /* A list box: [data-ticks] holds [data-tick] boxes, one [data-tick-all], and a [data-batch] bar. */
  function wireTicks(list) {
    const bar = find('[data-batch]', list);
    const all = find('[data-tick-all]', list);
    const ticks = () => findAll('[data-tick]', list);

    function show() {
      const ticked = ticks().filter((box) => box.checked);
      ticks().forEach(function (box) { box.closest('tr').classList.toggle('on', box.checked); });
      if (all) {
        all.checked = ticked.length > 0 && ticked.length === ticks().length;
        all.indeterminate = ticked.length > 0 && !all.checked;
      }
      if (!bar) return;
      bar.hidden = ticked.length === 0;
      const count = find('[data-count]', bar);
      if (count) count.textContent = String(ticked.length);
    }

    list.addEventListener('change', function (event) {
      if (event.target === all) ticks().forEach(function (box) { box.checked = all.checked; });
      if (event.target === all || event.target.matches('[data-tick]')) show();
    });
    list.addEventListener('click', function (event) {
      if (!event.target.closest('[data-untick]')) return;
      ticks().forEach(function (box) { box.checked = false; });
      show();
    });
    show();
  }

  /* ---- filters ---- */

  /* A blank box is no condition: keep it out of the address. */
  function dropBlanks(form) {
    form.addEventListener('submit', function () {
      const blank = findAll('input, select', form).filter((box) => box.name && box.value === '');
      blank.forEach(function (box) { box.disabled = true; });
      setTimeout(function () { blank.forEach(function (box) { box.disabled = false; }); }, 0);
    });
  }

  /* The choice of comparison is part of the name of the box beside it. */
  function wireComparison(row) {
    const choice = find('[data-comparison]', row);
    const box = find('[data-value]', row);
    const rename = function () { box.name = '_flt_' + choice.value + '_' + row.dataset.column; };
    choice.addEventListener('change', rename);
    rename();
  }

  function setBox(box, value) {
    if (box.tomselect) box.tomselect.setValue(value, true);
    else if (box.type === 'checkbox') box.checked = value !== '' && value !== 'False';
    else if (box.tagName === 'SELECT' && value === '') box.selectedIndex = -1;
    else box.value = value;
  }

  /* The boxes come filled as for a new record: empty them, then put the conditions in force back. */
  function restore(form) {
    findAll('[data-value]', form).forEach(function (box) { setBox(box, ''); });
    JSON.parse(find('script[data-active]', form).textContent).forEach(function (condition) {
      const row = find('[data-column="' + condition.column + '"]', form);
      if (!row) return;
      find('[data-comparison]', row).value = String(condition.comparison);
      setBox(find('[data-value]', row), condition.value);
    });
  }

  findAll('[data-ticks]').forEach(wireTicks);
  findAll('form[data-filters]').forEach(function (form) {
    restore(form);
    findAll('[data-column]', form).forEach(wireComparison);
    dropBlanks(form);
  });
}());
