/* The builder of questionnaires: each change is saved by itself, the parts of the page that follow from it are swapped.
 *
 * Forms with data-builder are posted by script: {edit, at, saved, reshaped, message, html} comes back, of which every part with
 * data-swap="always" is taken, and those with data-swap="shape" where the page's forms no longer fit. Forms with
 * data-autosave are sent a moment after the last key, too. What the server does not take stays as it was typed. */
(function () {
  'use strict';

  const { find, findAll, notify, request } = window.qj;
  const IDLE = 900;
  const DELAYS = [2000, 4000, 8000, 16000, 30000];

  let timer = null;
  let running = null;
  let dirty = null; // the form with something typed that is not saved yet
  let attempts = 0;
  let signedOut = false;
  let stale = false; // the forms of the page wait to be drawn anew
  let generation = 0; // counts what is typed: an answer to an older state leaves the form dirty

  const word = (key) => find('#qb-words').content.querySelector('[data-word="' + key + '"]').textContent;
  const part = (form) => form.querySelector('input[name="at"]').value;

  /* ---- telling ---- */

  function show(state, text) {
    const saved = find('#qb-saved');
    saved.dataset.state = state;
    if (text) saved.querySelector('[data-text]').textContent = text;
  }
  function showSaved(time) { show('saved', word('saved').replace('{time}', time)); }
  function clearFaults() {
    findAll('[data-told]').forEach((node) => node.remove());
    findAll('[aria-invalid]', find('#qb-work')).forEach((node) => node.removeAttribute('aria-invalid'));
  }
  function tell(text, actions) {
    const line = document.createElement('div');
    line.className = 'rp-notice warn';
    line.dataset.told = '';
    line.setAttribute('role', 'alert');
    const words = document.createElement('span');
    words.textContent = text;
    line.append(words);
    (actions || []).forEach(function (action) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'qj-link';
      button.textContent = action.label;
      button.addEventListener('click', function () { line.remove(); action.run(); });
      line.append(button);
    });
    find('#qb-notices').append(line);
  }
  function markFault(problem) {
    const field = problem.field && document.getElementById(problem.field);
    if (!field) { tell(problem.message); return; }
    field.setAttribute('aria-invalid', 'true');
    const line = document.createElement('p');
    line.className = 'qj-error';
    line.dataset.told = '';
    line.setAttribute('role', 'alert');
    line.textContent = problem.message;
    field.insertAdjacentElement('afterend', line);
  }

  /* ---- what comes back ---- */

  function setSeen(edit) {
    findAll('input[name="seen"]').forEach((input) => { input.value = edit; });
  }
  function place(element) {
    const fields = element && element.closest('form');
    return element && (element.id || element.name) ? { id: element.id, name: element.name, value: element.value, form: fields && fields.id } : null;
  }
  function refocus(was) {
    if (!was || document.activeElement !== document.body) return;
    const named = was.name && findAll('[name="' + was.name + '"]').find((node) => node.value === was.value && node.type !== 'hidden');
    const target = (was.id && document.getElementById(was.id)) || named || find('#qb-middle');
    if (target) { target.focus({ preventScroll: true }); }
  }
  function swap(answer, reshaped) {
    const page = new DOMParser().parseFromString(answer.html, 'text/html');
    const was = place(document.activeElement);
    findAll('[data-swap]', page).forEach(function (fresh) {
      if (fresh.dataset.swap !== 'always' && !reshaped) return;
      const old = document.getElementById(fresh.id);
      if (old) old.replaceWith(document.importNode(fresh, true));
    });
    refocus(was);
    document.dispatchEvent(new CustomEvent('qb:swapped', { detail: { reshaped: reshaped } }));
  }
  function accept(answer, form, sent) {
    const moved = answer.at !== part(form);
    const fits = !answer.reshaped && !moved && !stale;
    const current = sent.generation === generation;
    attempts = 0;
    clearFaults();
    // what was typed while the answer was on its way is saved first; only then are the forms drawn anew
    stale = !fits && !current;
    swap(answer, !fits && current);
    setSeen(answer.edit);
    if (!current) forgetAdded(form, sent.data);
    if (current) {
      dirty = null;
      showSaved(answer.saved);
      if (moved) look(answer.at);
    } else {
      wait(fits ? IDLE : 0);
    }
    if (answer.message) notify(answer.message, 'warning');
    prepare();
    return current;
  }
  /* Lines that were added are there now: sent once more they would be added twice. */
  function forgetAdded(form, data) {
    findAll('[data-adds]', form).forEach(function (area) {
      if (area.value === data.get(area.name)) area.value = '';
    });
  }
  function look(code) {
    const url = new URL(window.location.href);
    url.searchParams.set('at', code);
    window.history.replaceState(null, '', url);
    findAll('#qb-middle, #qb-inspected').forEach((node) => { node.scrollTop = 0; });
    const text = find('#qb-form textarea');
    if (text && !text.value) text.focus();
  }
  function refuse(status, answer, form, button) {
    clearFaults();
    show('unsaved', word('typing'));
    if (status === 409 && answer.edit) {
      tell(answer.message, [
        { label: word('mine'), run: function () { setSeen(answer.edit); send(form, button); } },
        { label: word('theirs'), run: function () { dirty = null; window.location.reload(); } }
      ]);
      return false;
    }
    const problems = answer.problems || [];
    problems.forEach(markFault);
    if (!problems.length) tell(answer.message || word('offline'));
    return false;
  }
  function later() {
    show('unsaved', word('offline'));
    timer = setTimeout(flush, DELAYS[Math.min(attempts, DELAYS.length - 1)]);
    attempts += 1;
    return false;
  }

  /* ---- signed out meanwhile ---- */

  /* A new token of the page, once somebody has signed in again in another tab. */
  function renew() {
    return fetch(window.location.href, { credentials: 'same-origin' }).then(function (response) {
      return response.ok && !response.redirected ? response.text() : '';
    }, () => '').then(function (html) {
      const fresh = new DOMParser().parseFromString(html, 'text/html').querySelector('meta[name="csrf-token"]');
      if (!fresh) return false;
      find('meta[name="csrf-token"]').content = fresh.content;
      findAll('input[name="csrf_token"]').forEach((input) => { input.value = fresh.content; });
      return true;
    });
  }

  /* ---- sending ---- */

  function body(form, button) {
    const data = new FormData(form);
    data.delete('do');
    data.set('do', button ? button.value : 'save');
    return new URLSearchParams(data);
  }
  /* One request at a time; `button` is the step asked for, none for saving what is typed. */
  function send(form, button, again) {
    if (running) return running.then(function () { return form.isConnected ? send(form, button) : false; });
    clearTimeout(timer);
    const sent = { generation: generation, data: body(form, button) };
    show('saving', word('saving'));
    running = request(form.action, { method: 'POST', body: sent.data, headers: { Accept: 'application/json' } })
      .then(function (response) {
        const json = (response.headers.get('content-type') || '').indexOf('json') >= 0;
        return (json ? response.json() : Promise.resolve({})).then(function (answer) {
          if (response.ok && answer.html) return accept(answer, form, sent);
          if (response.status >= 500 || response.status === 429) return later();
          if (response.status === 401) { signedOut = true; show('unsaved', word('typing')); return false; }
          if (response.status === 400 && !again) return () => renew().then((ok) => (ok ? send(form, button, true) : false));
          return refuse(response.status, answer, form, button);
        });
      }, later)
      .finally(function () { running = null; })
      .then((next) => (typeof next === 'function' ? next() : next));
    return running;
  }
  function flush() {
    clearTimeout(timer);
    if (running) return running.then(flush);
    return dirty && dirty.isConnected ? send(dirty, null) : Promise.resolve(!dirty);
  }
  function wait(delay) {
    clearTimeout(timer);
    timer = setTimeout(flush, delay);
  }
  function touch(form, delay) {
    generation += 1;
    dirty = form;
    show('typing', word('typing'));
    wait(delay);
  }

  /* ---- when ---- */

  document.addEventListener('input', function (event) {
    const form = event.target.closest('form[data-autosave]');
    if (!form) return;
    // lines that add options are complete only when they are left
    if (event.target.matches('[data-adds]')) { dirty = form; generation += 1; show('typing', word('typing')); return; }
    touch(form, event.target.matches('select, [type="checkbox"], [type="radio"]') ? 0 : IDLE);
  });
  document.addEventListener('change', function (event) {
    const form = event.target.closest('form[data-autosave]');
    if (form && dirty) wait(0);
  });
  document.addEventListener('submit', function (event) {
    const form = event.target.closest('form[data-builder]');
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    const button = event.submitter && event.submitter.name === 'do' ? event.submitter : null;
    // a step elsewhere on the page first saves what is typed
    const first = dirty && dirty !== form ? flush() : Promise.resolve(true);
    first.then(function (ok) { if (ok !== false) send(form, button); });
  });
  document.addEventListener('click', function (event) {
    const link = event.target.closest('a[href]');
    if (!link || !dirty || link.target || event.ctrlKey || event.metaKey || event.shiftKey || link.getAttribute('href').charAt(0) === '#') return;
    event.preventDefault();
    flush().then(function (ok) { if (ok) window.location.href = link.href; });
  });
  document.addEventListener('keydown', function (event) {
    if (!event.ctrlKey && !event.metaKey) return;
    if (event.key === 's') { event.preventDefault(); flush(); }
    if (event.target.matches('input, textarea, select')) return; // there the browser undoes what is typed
    const wanted = event.key === 'z' && !event.shiftKey ? 'undo' : event.key === 'y' || (event.key === 'Z' && event.shiftKey) ? 'redo' : '';
    const button = wanted && find('#qb-undo button[value="' + wanted + '"]:not([disabled])');
    if (button) { event.preventDefault(); button.click(); }
  });
  window.addEventListener('online', flush);
  window.addEventListener('focus', function () {
    if (!signedOut) return;
    renew().then(function (ok) { if (ok) { signedOut = false; flush(); } });
  });
  window.addEventListener('beforeunload', function (event) {
    if (!dirty) return;
    flush();
    event.preventDefault();
    event.returnValue = '';
  });

  /* ---- trying out ---- */

  /* A choice of the trial shows its path at once; the address keeps it, so that saving does not lose it. */
  document.addEventListener('change', function (event) {
    const form = event.target.closest('#qb-trial-form');
    if (!form) return;
    const url = new URL(form.action);
    url.search = new URLSearchParams(new FormData(form)).toString();
    flush().then(() => request(url, { headers: { Accept: 'application/json' } })).then(function (response) {
      if (!response.ok) return null;
      return response.json().then(function (answer) {
        window.history.replaceState(null, '', url);
        swap(answer, false);
      });
    }, () => tell(word('offline')));
  });

  /* ---- moving by hand ---- */

  function post(code, verb) {
    const form = find('#qb-undo').cloneNode(true);
    form.removeAttribute('id');
    form.querySelector('input[name="at"]').value = code;
    const shown = document.createElement('input');
    shown.type = 'hidden';
    shown.name = 'show';
    shown.value = new URL(window.location.href).searchParams.get('at') || part(find('#qb-undo'));
    form.append(shown);
    form.hidden = true;
    document.body.append(form);
    const button = document.createElement('button');
    button.value = verb;
    flush().then(function () { return send(form, button); }).finally(function () { form.remove(); });
  }
  function sortable(list, options) {
    if (!window.Sortable || list.dataset.sorted) return;
    list.dataset.sorted = '';
    window.Sortable.create(list, Object.assign({ handle: '.hand', animation: 120, forceFallback: true }, options));
  }
  function prepare() {
    const questions = find('#qb-outline[data-sortable]');
    if (questions) {
      sortable(questions, {
        draggable: 'li[data-code]',
        onEnd: function (event) {
          if (event.oldIndex === event.newIndex) return;
          const next = event.item.nextElementSibling;
          post(event.item.dataset.code, 'move:' + (next && next.dataset.code ? next.dataset.code : ''));
        }
      });
    }
    findAll('.qb-list').forEach(function (list) {
      if (!list.querySelector('.mv')) return;
      sortable(list, { draggable: '.qb-part', onEnd: function () { touch(list.closest('form'), 0); } });
    });
  }

  document.documentElement.classList.add('qb-scripts');
  prepare();
  const current = find('#qb-outline li.on');
  if (current) current.scrollIntoView({ block: 'nearest' });

  window.QuestionnaireBuilder = { flush: flush, request: request };
})();
