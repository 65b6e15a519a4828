/* Lists that depend on each other: choosing a province offers its prefectures. `data-cascade` names the address. */
(function () {
  'use strict';

  const { findAll, request } = window.qj;

  function clear(select) {
    Array.from(select.options).slice(1).forEach((option) => option.remove());
    select.value = '';
    select.disabled = true;
  }

  function fill(select, rows) {
    rows.forEach((row) => select.add(new Option(row.label, row.value)));
    select.disabled = !rows.length;
  }

  async function choose(box, changed) {
    const lists = Array.from(box.querySelectorAll('select'));
    const below = lists.slice(lists.indexOf(changed) + 1);
    below.forEach(clear);
    if (!below.length || !changed.value) return;
    const asked = changed.value;
    const response = await request(`${box.dataset.cascade}?of=${encodeURIComponent(asked)}`, {
      headers: { Accept: 'application/json' },
    });
    if (!response.ok || changed.value !== asked) return; // something else was chosen meanwhile
    fill(below[0], (await response.json()).results);
  }

  findAll('[data-cascade]').forEach((box) => {
    box.addEventListener('change', (event) => choose(box, event.target));
  });
}());
