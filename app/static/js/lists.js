/* Lists: ticked rows and what can be done with them, filters that leave nothing blank in the address. */
(function () {
  'use strict';

  const { find, findAll } = window.qj;

  /* ---- ticked rows ---- */

  /* A list box: [data-list] holds [data-tick] boxes, one [data-tick-all], and a [data-batch] bar. */
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

  /* Put the conditions in force back into their boxes. */
  function restore(form) {
    const block = find('script[data-active]', form);
    if (!block) return;
    JSON.parse(block.textContent).forEach(function (condition) {
      const row = find('[data-column="' + condition.column + '"]', form);
      if (!row) return;
      find('[data-comparison]', row).value = String(condition.comparison);
      find('[data-value]', row).value = condition.value;
    });
  }

  findAll('[data-list]').forEach(wireTicks);
  findAll('form[data-filters]').forEach(function (form) {
    restore(form);
    findAll('[data-column]', form).forEach(wireComparison);
    dropBlanks(form);
  });
}());
