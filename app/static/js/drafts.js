/* What was typed and is not saved yet, kept on this computer, apart for each account, report and form version. */
(function () {
  'use strict';
  var PREFIX = 'draft:';
  var KEPT_FOR = 30 * 24 * 3600 * 1000;

  function forget(key) { window.localStorage.removeItem(PREFIX + key); }

  /* Whether it could be kept: a full or forbidden storage is told to the user, not passed over. */
  function keep(key, draft) {
    try {
      window.localStorage.setItem(PREFIX + key, JSON.stringify(draft));
      return true;
    } catch (error) {
      return false;
    }
  }

  function parsed(text) {
    try {
      var draft = JSON.parse(text);
      return draft && draft.values && draft.base ? draft : null;
    } catch (error) {
      return null; // not written by this page: as good as none
    }
  }

  function load(key) {
    return parsed(window.localStorage.getItem(PREFIX + key));
  }

  function dropOld(now) {
    Object.keys(window.localStorage).filter(function (name) { return name.indexOf(PREFIX) === 0; }).forEach(function (name) {
      var draft = parsed(window.localStorage.getItem(name));
      if (!draft || now - draft.at > KEPT_FOR) { window.localStorage.removeItem(name); }
    });
  }

  window.Drafts = { keep: keep, load: load, forget: forget, dropOld: dropOld };
})();
