/* Saves what is typed, soon and without being asked, and loses nothing when the server cannot take it.
 *
 * Autosave.start(options) -> {touch(), flush() -> promise of success, isDirty(), base()}
 *   options.data      {account, report, section, form_version, version, saved_at, save_url, login_url}
 *   options.dataId    id of the JSON block that holds `data` (read again after signing in)
 *   options.words     sentences of this page
 *   options.read()    {field: text} as it stands now, in the form that travels
 *   options.write(values, undoable)   put texts into the page; undefined removes a field
 *   options.offered   {field: text} proposed by the system and not stored: saved along, but no reason to save by itself
 *   options.savable(field, text)      false for what the server would surely refuse (not a number)
 *   options.payload(changed, base)    the parts of the body besides `version` and `base`
 *   options.theirs(answer)            {field: text} of the server's state in a 409
 *   options.label(field), options.shown(field, text)   for people
 *   options.saved(answer), options.rejected(problems);  options.field(name)  the server's name of a field to this page's
 *
 * Answers: 200 {version, saved_at, …}; 409 {message, who, when, version, cells|rows|answers}; 422 {problems: [{field, message}]};
 * 401 or a redirect = signed out; 400 = perhaps an expired form token; 5xx or no answer = tried again later. */
(function () {
  'use strict';
  var IDLE = 2000;
  var DELAYS = [2000, 4000, 8000, 16000, 32000, 60000];

  function say(template, values) {
    return template.replace(/\{(\w+)\}/g, function (_all, name) { return values[name]; });
  }
  function clock(moment) {
    return new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', hour12: false })
      .format(moment);
  }
  function clockOf(savedAt) { return /T/.test(savedAt) ? clock(new Date(savedAt)) : savedAt; }
  function texts(map) { // the server may say null for an empty cell
    var plain = {};
    Object.keys(map || {}).forEach(function (field) { plain[field] = map[field] === null ? '' : String(map[field]); });
    return plain;
  }
  function fieldsOf() {
    return Array.from(new Set([].concat.apply([], Array.from(arguments).map(Object.keys))));
  }

  var options;
  var data;
  var words;
  var key;
  var version;
  var base; // what the server holds, as far as this page knows
  var offered;
  var rejected = {}; // texts that the server refused: not sent again until they change
  var tokenInput;
  var running = null;
  var timer = null;
  var attempts = 0;
  var blocked = null; // 'conflict', 'signed-out' or 'refused': waits for a person
  var waiting = null; // a draft of an earlier visit that is still offered
  var notices;
  var tabs;

  /* ---- what differs from the server ---- */
  function changes() {
    var now = options.read();
    var changed = {};
    fieldsOf(now, base).forEach(function (field) {
      if (now[field] !== base[field] && !isOffer(field, now)) { changed[field] = now[field]; }
    });
    return changed;
  }
  function isOffer(field, now) { return base[field] === '' && offered[field] === now[field]; }
  function offers() {
    var now = options.read();
    var found = {};
    Object.keys(offered).forEach(function (field) { if (isOffer(field, now)) { found[field] = now[field]; } });
    return found;
  }
  function sendable() {
    var changed = changes();
    Object.keys(changed).forEach(function (field) {
      var text = changed[field];
      if (rejected[field] === text || (text !== undefined && !options.savable(field, text))) { delete changed[field]; }
    });
    return changed;
  }
  function count(map) { return Object.keys(map).length; }
  function isDirty() { return count(changes()) > 0; }

  /* ---- telling ---- */
  function show(kind, text) {
    var state = document.getElementById('save-state');
    state.dataset.state = kind;
    state.querySelector('[data-text]').textContent = text;
  }
  function showSaved(savedAt) {
    var left = count(changes());
    var text = say(words.saved, { time: clockOf(savedAt) });
    show(left ? 'partly' : 'saved', left ? say(words.partly_saved, { saved: text, count: left }) : text);
  }
  function kept(text, textIfNot) { show('unsaved', keepDraft() ? text : textIfNot); }

  /* ---- the copy on this computer ---- */
  function keepDraft() {
    var changed = changes();
    var values = Object.assign({}, waiting ? waiting.values : {}, changed);
    var before = Object.assign({}, waiting ? waiting.base : {});
    Object.keys(changed).forEach(function (field) { before[field] = base[field]; });
    if (!count(values)) { window.Drafts.forget(key); return true; }
    return window.Drafts.keep(key, { version: version, values: values, base: before, at: Date.now() });
  }

  /* ---- sending ---- */
  function body(changed) {
    var before = {};
    Object.keys(changed).forEach(function (field) { before[field] = base[field] === undefined ? null : base[field]; });
    return JSON.stringify(Object.assign({ version: version, base: before }, options.payload(changed, base)));
  }
  function post(changed, leaving) {
    return fetch(data.save_url, {
      method: 'POST', credentials: 'same-origin', redirect: 'manual', keepalive: leaving, body: body(changed),
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': tokenInput.value }
    });
  }
  function json(response) {
    var type = response.headers.get('content-type') || '';
    return type.indexOf('json') < 0 ? Promise.resolve(null) : response.json();
  }

  /* how: {leaving, again, asked}; asked by a person: what the system proposed is saved even if nothing was typed. */
  function save(how) {
    if (running) { return running.then(function () { return save(how); }); }
    if (blocked) { keepDraft(); return Promise.resolve(false); }
    var changed = sendable();
    if (count(changed) || how.asked) { changed = Object.assign(offers(), changed); }
    if (!count(changed)) { keepDraft(); return Promise.resolve(!isDirty()); }
    clearTimeout(timer);
    show('saving', words.saving);
    keepDraft();
    running = post(changed, Boolean(how.leaving)).then(function (response) {
      return json(response).then(function (answer) { return received(response, answer, changed, how.again); });
    }, function () { return later(); });
    running = running.finally(function () { running = null; });
    return running.then(function (next) { return typeof next === 'function' ? next() : next; });
  }
  /* True or false, or what to do once this request is over. */
  function received(response, answer, changed, again) {
    var status = response.type === 'opaqueredirect' ? 401 : response.status;
    if (status === 200 && answer) { return accept(answer, changed); }
    if (status === 409 && answer && (answer.cells || answer.rows || answer.answers)) { return merge(answer); }
    if (status === 422 && answer) { return reject(answer.problems || [], changed); }
    if (status >= 500 || status === 429) { return later(); }
    if (status === 400 && !again) {
      return function () { return renew().then(function (ok) { return ok ? save({ again: true }) : signedOut(); }); };
    }
    if (answer && answer.message && status !== 401) { return refuse(answer.message); }
    return signedOut();
  }

  /* The first save makes a report of what was not filled in before. */
  function showState(state) {
    var mark = document.getElementById('report-state');
    if (!state || !mark) { return; }
    mark.className = 'qj-st ' + state.style;
    mark.textContent = state.label;
  }
  function accept(answer, changed) {
    version = answer.version;
    attempts = 0;
    Object.keys(changed).forEach(function (field) {
      delete rejected[field];
      if (changed[field] === undefined) { delete base[field]; } else { base[field] = changed[field]; }
    });
    notices.clear('refused');
    showState(answer.state);
    options.saved(answer);
    showSaved(answer.saved_at);
    keepDraft();
    tabs.tell({ type: 'saved', version: version, values: base, at: answer.saved_at });
    if (count(sendable())) { wait(IDLE); }
    return !isDirty();
  }

  function reject(told, changed) {
    var problems = told.map(function (problem) {
      return { field: options.field ? options.field(problem.field) : problem.field, message: problem.message };
    });
    problems.forEach(function (problem) {
      if (changed[problem.field] !== undefined) { rejected[problem.field] = changed[problem.field]; }
    });
    var known = problems.some(function (problem) { return changed[problem.field] !== undefined; });
    options.rejected(problems);
    kept(say(words.rejected, { count: problems.length }), words.not_kept);
    if (!known) { return refuse(problems.map(function (problem) { return problem.message; }).join(' ')); }
    return count(sendable()) ? function () { return save({}); } : false;
  }

  function later() {
    kept(words.kept_here, words.not_kept);
    wait(DELAYS[Math.min(attempts, DELAYS.length - 1)]);
    attempts += 1;
    return false;
  }
  function wait(delay) {
    clearTimeout(timer);
    timer = setTimeout(function () { save({}); }, delay);
  }

  function refuse(message) {
    blocked = 'refused';
    kept(words.kept_here, words.not_kept);
    notices.put('refused', message, [{ label: words.try_again, run: function () { unblock('refused'); } }]);
    return false;
  }
  function unblock(name) {
    blocked = null;
    attempts = 0;
    notices.clear(name);
    return save({});
  }

  /* ---- signed out meanwhile ---- */
  function signedOut() {
    blocked = 'signed-out';
    kept(words.kept_here, words.not_kept);
    notices.put('signed-out', words.signed_out, [
      { label: words.sign_in, href: data.login_url },
      { label: words.try_again, run: comeBack }
    ]);
    return false;
  }
  function renew() {
    return fetch(window.location.href, { credentials: 'same-origin', redirect: 'manual' }).then(function (response) {
      return response.ok ? response.text().then(takeToken) : false;
    }, function () { return false; });
  }
  function takeToken(html) {
    var page = new DOMParser().parseFromString(html, 'text/html');
    var block = page.getElementById(options.dataId);
    var token = page.querySelector('input[name="csrf_token"]');
    if (!block || !token) { return false; }
    if (JSON.parse(block.textContent).account !== data.account) {
      notices.put('signed-out', words.other_account, [{ label: words.try_again, run: comeBack }]);
      return false;
    }
    tokenInput.value = token.value;
    return true;
  }
  function comeBack() {
    return renew().then(function (ok) { return ok && blocked === 'signed-out' ? unblock('signed-out') : false; });
  }

  /* ---- somebody else saved ---- */
  function compare(mine, theirs) {
    var adopt = {};
    var differing = [];
    fieldsOf(mine, theirs, base).forEach(function (field) {
      if (theirs[field] === base[field] || mine[field] === theirs[field]) { return; }
      if (mine[field] === base[field]) { adopt[field] = theirs[field]; } else { differing.push(field); }
    });
    return { adopt: adopt, differing: differing };
  }
  function rebase(theirs, newVersion, adopt) {
    if (count(adopt)) { options.write(adopt, false); }
    base = theirs;
    version = newVersion;
  }
  function merge(answer) {
    var theirs = texts(options.theirs(answer));
    var found = compare(options.read(), theirs);
    rebase(theirs, answer.version, found.adopt);
    if (!found.differing.length) { return function () { return save({}); }; }
    blocked = 'conflict';
    kept(words.kept_here, words.not_kept);
    return function () { return settle(answer, found.differing); };
  }
  function sides(field, mine, theirs) {
    return { field: field, label: options.label(field), mine: options.shown(field, mine[field]), theirs: options.shown(field, theirs[field]) };
  }
  function settle(answer, differing) {
    var mine = options.read();
    return window.Compare.ask({
      title: words.conflict_title, mine: words.mine, theirs: words.on_server, words: words,
      text: answer.message || say(words.conflict_text, { who: answer.who, when: answer.when }),
      rows: differing.map(function (field) { return sides(field, mine, base); })
    }).then(function (choice) {
      if (!choice) {
        notices.put('conflict', words.conflict_open, [
          { label: words.compare, run: function () { notices.clear('conflict'); settle(answer, differing); } }
        ]);
        return false;
      }
      take(choice, base, false);
      return unblock('conflict');
    });
  }
  function take(choice, theirs, undoable) {
    var values = {};
    Object.keys(choice).forEach(function (field) { if (choice[field] === 'theirs') { values[field] = theirs[field]; } });
    if (count(values)) { options.write(values, undoable); }
  }

  /* ---- typed at an earlier visit ---- */
  function offer() {
    window.Drafts.dropOld(Date.now());
    var draft = window.Drafts.load(key);
    if (!draft) { return; }
    var differing = Object.keys(draft.values).filter(function (field) { return draft.values[field] !== base[field]; });
    if (!differing.length) { window.Drafts.forget(key); return; }
    waiting = draft;
    notices.put('draft', say(words.draft_found, { time: when(draft.at), count: differing.length }), [
      { label: words.restore, run: function () { restore(draft, differing); } },
      { label: words.discard, run: function () { dropWaiting(); } }
    ]);
  }
  function when(at) {
    return new Intl.DateTimeFormat(document.documentElement.lang || 'zh-CN', {
      timeZone: 'Asia/Shanghai', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false
    }).format(new Date(at));
  }
  function dropWaiting() {
    waiting = null;
    notices.clear('draft');
    keepDraft();
  }
  function restore(draft, differing) {
    var moved = differing.filter(function (field) { return draft.base[field] !== base[field]; });
    function put(fields) {
      var values = {};
      fields.forEach(function (field) { values[field] = draft.values[field]; });
      options.write(values, true);
      dropWaiting();
      touch();
    }
    if (!moved.length) { put(differing); return; }
    window.Compare.ask({
      title: words.draft_title, text: words.draft_text, mine: words.typed_here, theirs: words.on_server, words: words,
      rows: differing.map(function (field) { return sides(field, draft.values, base); })
    }).then(function (choice) {
      if (choice) { put(differing.filter(function (field) { return choice[field] === 'mine'; })); }
    });
  }

  /* ---- the same report in another tab ---- */
  function heard(message) {
    if (tabs.count()) { notices.put('tabs', words.other_tab, []); } else { notices.clear('tabs'); }
    if (message.type !== 'saved' || message.version <= version || running) { return; }
    var found = compare(options.read(), message.values);
    if (found.differing.length) { return; } // the next save is answered 409 and asks
    rebase(message.values, message.version, found.adopt);
    showSaved(message.at);
  }

  /* ---- when ---- */
  function touch() {
    if (blocked === 'refused') { blocked = null; }
    if (!isDirty()) { keepDraft(); return; }
    keepDraft();
    if (!blocked && !running) {
      if (!attempts) { show('typing', words.typing); }
      wait(attempts ? DELAYS[Math.min(attempts, DELAYS.length) - 1] : IDLE);
    }
  }
  function flush() {
    if (blocked === 'signed-out') { return comeBack().then(function (back) { return back ? flush() : false; }); }
    attempts = 0;
    return save({ asked: true }).then(function (ok) { return ok || (!blocked && !isDirty()); });
  }

  function seenOrHidden() {
    if (document.visibilityState === 'hidden') { save({ leaving: true }); } else if (blocked === 'signed-out') { comeBack(); }
  }
  function leaving(event) {
    if (!isDirty()) { return; }
    keepDraft();
    event.preventDefault();
    event.returnValue = '';
  }
  function left() {
    tabs.leave();
    keepDraft();
    if (!running) { save({ leaving: true }); }
  }
  function watchWindow() {
    document.addEventListener('visibilitychange', seenOrHidden);
    window.addEventListener('focus', function () { if (blocked === 'signed-out') { comeBack(); } });
    window.addEventListener('online', function () { attempts = 0; save({}); });
    window.addEventListener('blur', function () { if (isDirty()) { save({}); } });
    window.addEventListener('pagehide', left);
    window.addEventListener('beforeunload', leaving);
  }

  function start(given) {
    options = given;
    data = options.data;
    words = options.words;
    key = [data.account, data.report, data.section, data.form_version].join(':');
    version = data.version;
    offered = options.offered;
    base = options.read();
    Object.keys(offered).forEach(function (field) { base[field] = ''; });
    tokenInput = document.querySelector('input[name="csrf_token"]');
    notices = window.Notices.start(document.getElementById('save-notices'));
    tabs = window.Tabs.start('report:' + key, heard);
    watchWindow();
    offer();
    return { touch: touch, flush: flush, isDirty: isDirty, base: function () { return base; } };
  }

  window.Autosave = { start: start, say: say };
})();
