/* The foot bar of a wizard step: Ctrl+S saves, 上一步 and 下一步 save first, links leave only when nothing is lost. */
(function () {
  'use strict';
  var autosave;
  var ready;

  function go(address) {
    return autosave.flush().then(function () { window.location.assign(address); }); // unsaved: the browser asks
  }

  function pressed(event) {
    var button = event.target.closest('[data-go]');
    if (!button) { return; }
    event.preventDefault();
    if (button.dataset.go === 'save') { autosave.flush(); return; }
    if (button.dataset.go === 'next' && !ready()) { return; }
    go(button.dataset.url);
  }

  function isPlain(event, link) {
    return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey &&
      !link.target && !link.hasAttribute('download') && link.origin === window.location.origin;
  }
  function followed(event) {
    var link = event.target.closest('a[href]');
    if (!link || event.defaultPrevented || !isPlain(event, link) || link.getAttribute('href')[0] === '#') { return; }
    if (!autosave.isDirty()) { return; }
    event.preventDefault();
    go(link.href);
  }

  function keyed(event) {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 's') {
      event.preventDefault();
      autosave.flush();
    }
  }

  /* A link from the list of problems names the cell. */
  function goToNamedCell() {
    var named = window.location.hash && document.getElementById(window.location.hash.slice(1));
    if (named && named.matches('input')) { named.focus(); }
  }

  /* isReady(): false, after showing why, keeps 下一步 from leaving. */
  function start(saver, isReady) {
    autosave = saver;
    ready = isReady;
    document.addEventListener('click', pressed);
    document.addEventListener('click', followed);
    document.addEventListener('keydown', keyed);
    goToNamedCell();
  }

  window.Wizard = { start: start };
})();
