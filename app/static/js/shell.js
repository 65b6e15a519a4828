/* The frame of every page: menus, drawer, notices, confirmation, progress, requests (window.qj). */
(function () {
  'use strict';

  const SLOW_MS = 400;
  const GIVE_UP_MS = 15000;
  const phone = window.matchMedia('(max-width: 760px)');
  const narrow = window.matchMedia('(max-width: 1240px)');
  const root = document.documentElement;

  const find = (selector, within) => (within || document).querySelector(selector);
  const findAll = (selector, within) => Array.from((within || document).querySelectorAll(selector));

  /* Words of the page's language, rendered by the server. */
  function word(key) {
    const words = find('#qj-words');
    const found = words && words.content.querySelector('[data-word="' + key + '"]');
    return found ? found.textContent : '';
  }

  function drawing(key) {
    const found = find('#qj-words').content.querySelector('[data-drawing="' + key + '"] svg');
    return found ? found.cloneNode(true) : document.createTextNode('');
  }

  /* A form that was refused stands in the history as the page itself: back leads to it, not to "send again?". */
  if (document.body.hasAttribute('data-answered')) window.history.replaceState(null, '', window.location.href);

  /* ---- notices ---- */

  function notify(text, kind, link) {
    const serious = kind === 'danger' || kind === 'warning';
    const region = find(serious ? '#qj-alerts' : '#qj-statuses');
    const note = document.createElement('div');
    note.className = 'qj-note ' + (kind || 'info');
    const words = document.createElement('p');
    words.textContent = text + ' ';
    if (link) words.append(linkTo(link));
    note.append(drawing('alert'), words, closeButton());
    region.append(note);
    return note;
  }

  function linkTo(link) {
    const anchor = document.createElement('a');
    anchor.href = link.url;
    anchor.textContent = link.label;
    if (link.newTab) { anchor.target = '_blank'; anchor.rel = 'noopener'; }
    return anchor;
  }

  function closeButton() {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'close';
    button.dataset.dismiss = '';
    button.setAttribute('aria-label', word('close'));
    button.append(drawing('close'));
    return button;
  }

  document.addEventListener('click', function (event) {
    const button = event.target.closest('[data-dismiss]');
    if (button) button.closest('.qj-note').remove();
  });

  document.addEventListener('click', function (event) {
    if (event.target.closest('[data-go-back]')) window.history.back();
  });

  let expiredShown = null;

  function sessionExpired() {
    if (expiredShown && expiredShown.isConnected) return;
    expiredShown = notify(word('session_expired'), 'warning',
      { url: document.body.dataset.loginUrl, label: word('sign_in'), newTab: true });
  }

  /* ---- progress line ---- */

  const line = find('#qj-progress');
  let waiting = 0;

  function begin() {
    const timer = setTimeout(function () { line.hidden = false; }, SLOW_MS);
    waiting += 1;
    let ended = false;
    return function end() {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      waiting = Math.max(0, waiting - 1);
      if (waiting === 0) line.hidden = true;
    };
  }

  window.addEventListener('beforeunload', function () {
    const end = begin();
    // A download leaves the page where it is; the line must not stay for ever.
    setTimeout(end, GIVE_UP_MS);
    window.addEventListener('focus', end, { once: true });
  });
  window.addEventListener('pageshow', function () { waiting = 0; line.hidden = true; });

  /* ---- requests ---- */

  /* fetch with the CSRF token, the progress line and a notice when the session has ended. */
  async function request(url, options) {
    const settings = Object.assign({ credentials: 'same-origin' }, options);
    const token = find('meta[name="csrf-token"]');
    settings.headers = Object.assign(
      { 'X-Requested-With': 'fetch', 'X-CSRFToken': token ? token.content : '' }, settings.headers);
    const end = begin();
    try {
      const response = await fetch(url, settings);
      if (response.status === 401) sessionExpired();
      return response;
    } finally {
      end();
    }
  }

  /* ---- confirmation ---- */

  const dialog = find('#qj-confirm');

  /* Ask before a step; resolves to true or false. */
  /* `verb` is what the button that asks says: the answer repeats it, so that nobody agrees to a bare OK. */
  function confirmStep(question, danger, verb) {
    if (!dialog.showModal) return Promise.resolve(window.confirm(question)); // browsers before 2022
    find('#qj-confirm-text').textContent = question;
    const yes = find('[data-answer="yes"]', dialog);
    yes.dataset.usual = yes.dataset.usual || yes.textContent;
    yes.textContent = verb || yes.dataset.usual;
    yes.classList.toggle('danger', Boolean(danger));
    yes.classList.toggle('pri', !danger);
    dialog.returnValue = '';
    dialog.showModal();
    find('[data-answer="no"]', dialog).focus();
    return new Promise(function (resolve) {
      dialog.addEventListener('close', function () { resolve(dialog.returnValue === 'yes'); }, { once: true });
    });
  }

  dialog.addEventListener('click', function (event) {
    const button = event.target.closest('[data-answer]');
    if (button) dialog.close(button.dataset.answer);
  });

  /* A button or form with data-confirm asks first, then goes on as it would have. */
  document.addEventListener('submit', function (event) {
    const form = event.target;
    const button = event.submitter;
    const asked = button && button.dataset.confirm ? button : form;
    if (!asked.dataset.confirm || form.dataset.confirmed) {
      delete form.dataset.confirmed;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    confirmStep(asked.dataset.confirm, asked.classList.contains('danger'), button ? button.textContent.trim() : '').then(function (yes) {
      if (!yes) return;
      form.dataset.confirmed = 'yes';
      form.requestSubmit(button || undefined);
    });
  }, true);

  /* A second click on a button that already sends is one step, not two. */
  document.addEventListener('submit', function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post' || form.hasAttribute('data-repeatable')) return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = 'yes';
    setTimeout(function () { delete form.dataset.sending; }, 5000);
  });
  window.addEventListener('pageshow', function () {
    findAll('form[data-sending]').forEach(function (form) { delete form.dataset.sending; });
  });

  /* ---- menus ---- */

  function closeMenus(except) {
    findAll('details.qj-menu[open]').forEach(function (menu) { if (menu !== except) menu.open = false; });
  }

  document.addEventListener('click', function (event) {
    closeMenus(event.target.closest('details.qj-menu'));
    if (!event.target.closest('.qj-side')) closeFlyouts();
  });

  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') return;
    const menu = find('details.qj-menu[open]');
    if (menu) { menu.open = false; find('summary', menu).focus(); return; }
    const flyout = find('.qj-zone.fly');
    if (flyout) { closeFlyouts(); flyout.focus(); return; }
    closeDrawer();
  });

  /* ---- side bar ---- */

  const isIconBar = () => !phone.matches && (narrow.matches || root.dataset.size === 'xl');
  const areas = () => findAll('button.qj-zone');

  function setArea(button, open) {
    button.setAttribute('aria-expanded', String(open));
    button.classList.toggle('fly', open && isIconBar());
  }

  function closeFlyouts() {
    areas().filter((button) => button.classList.contains('fly')).forEach((button) => setArea(button, false));
  }

  function layOutAreas() {
    areas().forEach(function (button) { setArea(button, !isIconBar() && button.classList.contains('open')); });
  }

  areas().forEach(function (button) {
    button.addEventListener('click', function () {
      const open = button.getAttribute('aria-expanded') !== 'true';
      areas().forEach(function (other) { if (other !== button) setArea(other, false); });
      setArea(button, open);
    });
  });
  layOutAreas();
  narrow.addEventListener('change', layOutAreas);
  phone.addEventListener('change', function () { layOutAreas(); closeDrawer(); });

  /* ---- drawer ---- */

  const burger = find('.qj-burger');
  const side = find('#qj-side');
  const veil = find('#qj-veil');

  function openDrawer() {
    burger.setAttribute('aria-expanded', 'true');
    side.classList.add('is-open');
    veil.classList.add('is-open');
    const first = find('a, button', side);
    if (first) first.focus();
  }

  function closeDrawer() {
    if (!burger || burger.getAttribute('aria-expanded') !== 'true') return;
    burger.setAttribute('aria-expanded', 'false');
    side.classList.remove('is-open');
    veil.classList.remove('is-open');
    burger.focus();
  }

  /* Tab stays within the open drawer. */
  function keepInside(event) {
    if (event.key !== 'Tab' || !side.classList.contains('is-open')) return;
    const stops = findAll('a, button', side).filter((stop) => stop.offsetParent !== null);
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
  }

  if (burger && side) {
    burger.addEventListener('click', openDrawer);
    veil.addEventListener('click', closeDrawer);
    side.addEventListener('keydown', keepInside);
  }

  window.qj = { find, findAll, word, notify, request, confirm: confirmStep, begin, sessionExpired };
}());
