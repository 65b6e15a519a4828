/* Forms: lists to type into, focus on the error summary, a warning before unsaved input is left. */
(function () {
  'use strict';

  const { find, findAll, word, request } = window.qj;

  /* ---- lists to type into ---- */

  const asRow = (row) => ({
    value: String(row.value !== undefined ? row.value : row.id),
    text: String(row.label !== undefined ? row.label : row.text),
  });

  function rowsOf(answer) {
    const rows = Array.isArray(answer) ? answer : (answer.results || answer.items || answer.result || []);
    return rows.map(asRow);
  }

  function remoteSettings(select) {
    return {
      preload: 'focus',
      load: async function (typed, done) {
        const address = new URL(select.dataset.remote, window.location.href);
        address.searchParams.set('q', typed);
        try {
          const response = await request(address);
          done(response.ok ? rowsOf(await response.json()) : []);
        } catch (failure) {
          done();
        }
      },
      score: () => () => 1,
    };
  }

  function message(text) {
    const box = document.createElement('div');
    box.className = 'no-results';
    box.textContent = text;
    return box;
  }

  function settingsFor(select) {
    const plugins = select.multiple ? { remove_button: { title: word('remove') } } : {};
    return Object.assign({
      plugins,
      maxOptions: 500,
      refreshThrottle: 0, // Enter takes what the typed text finds, not what stood there before
      placeholder: select.dataset.placeholder || '',
      render: { no_results: () => message(word('no_results')), loading: () => message(word('loading')) },
    }, select.dataset.remote ? remoteSettings(select) : {});
  }

  function makeSearchable(select) {
    if (select.tomselect || !window.TomSelect) return;
    const described = select.getAttribute('aria-describedby');
    const box = new window.TomSelect(select, settingsFor(select));
    select.setAttribute('aria-hidden', 'true'); // the box in front of it is what readers meet
    if (described) box.control_input.setAttribute('aria-describedby', described);
    if (select.getAttribute('aria-invalid')) box.control_input.setAttribute('aria-invalid', 'true');
  }

  function enhance(within) {
    findAll('select[data-search-select], select[data-remote]', within).forEach(makeSearchable);
  }

  /* ---- errors ---- */

  function focusSummary() {
    const summary = find('.qj-summary');
    if (summary) summary.focus();
  }

  /* A link of the summary goes to its field, also where the field is drawn as a list to type into. */
  document.addEventListener('click', function (event) {
    const link = event.target.closest('.qj-summary a[href^="#"]');
    if (!link) return;
    const field = document.getElementById(link.getAttribute('href').slice(1));
    if (!field) return;
    event.preventDefault();
    const details = field.closest('details');
    if (details) details.open = true;
    field.scrollIntoView({ block: 'center' });
    (field.tomselect ? field.tomselect : field).focus();
  });

  /* ---- unsaved input ---- */

  function guard(form) {
    let changed = form.hasAttribute('data-changed'); // typed before, and sent back unsaved
    form.addEventListener('input', function () { changed = true; });
    form.addEventListener('change', function () { changed = true; });
    form.addEventListener('submit', function () { changed = false; });
    window.addEventListener('beforeunload', function (event) {
      if (changed) event.preventDefault();
    });
  }

  /* ---- files: a request that is too large would lose everything typed ---- */

  function checkSize(event) {
    const input = event.target;
    if (!input.matches || !input.matches('input[type=file][data-max-bytes]')) return;
    const sizes = Array.from(input.files, (file) => file.size);
    const together = sizes.reduce((sum, size) => sum + size, 0);
    const fits = sizes.every((size) => size <= Number(input.dataset.maxBytes))
      && together <= Number(input.dataset.maxTogether);
    let note = document.getElementById(`${input.id}-size`);
    if (!note) {
      note = document.createElement('p');
      note.id = `${input.id}-size`;
      note.className = 'qj-error';
      note.setAttribute('role', 'alert');
      input.after(note);
    }
    note.textContent = fits ? '' : input.dataset.tooLarge;
    if (!fits) input.value = '';
  }

  document.addEventListener('change', checkSize);
  enhance(document);
  focusSummary();
  findAll('form[data-guard]').forEach(guard);
  window.qj.enhance = enhance;
}());
