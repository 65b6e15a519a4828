/* Answering a questionnaire: what is typed is saved by itself, of an anonymous one in this browser only.
 *
 * A field of the autosave is a question, its text the answer as JSON with sorted keys. */
(function () {
  'use strict';

  const root = document.querySelector('[data-questionnaire]');
  const form = document.getElementById('answer-form');
  if (!root || root.hasAttribute('data-locked')) { return; }
  const data = JSON.parse(document.getElementById('answer-data').textContent);
  const words = JSON.parse(document.getElementById('words').textContent);
  const { questionOf, all } = window.QuestionnaireInputs;
  const key = [data.account, data.report, data.section, data.form_version].join(':');

  /* ---- answers as texts ---- */
  function sorted(value) {
    if (Array.isArray(value)) { return value.map(sorted); }
    if (value === null || typeof value !== 'object') { return value; }
    return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
  }
  function textsOf(answers) {
    return Object.fromEntries(Object.keys(answers).map((code) => [code, JSON.stringify(sorted(answers[code]))]));
  }
  function answersOf(texts) {
    return Object.fromEntries(Object.keys(texts).map((code) => [code, texts[code] ? JSON.parse(texts[code]) : undefined]));
  }
  function label(code) {
    const title = questionOf(root, code).querySelector('.qs-t').cloneNode(true);
    title.querySelectorAll('.req, .qj-sr, small').forEach((part) => part.remove());
    return title.textContent.trim();
  }

  /* ---- an answer in words, to compare two of them ---- */
  const textIn = (item, selector) => (item && item.querySelector(selector) ? item.querySelector(selector).textContent : '');
  function optionWords(question, code, stated) {
    const item = question.querySelector(`[data-option="${CSS.escape(code)}"]`);
    const text = textIn(item, '.qs-pick span, .qs-rank-text');
    return stated && stated[code] ? text + words.colon + stated[code] : text;
  }
  function columnWords(question, given) {
    const columns = (codes) => codes.map((code) => textIn(question.querySelector(`[value="${CSS.escape(code)}"]`).closest('label'), '.qs-col'));
    if (typeof given === 'string') { return columns([given]).join(''); }
    return Array.isArray(given) ? columns(given).join(words.separator) : Object.values(given).join(words.separator);
  }
  function shown(code, text) {
    if (!text) { return ''; }
    const question = questionOf(root, code);
    const answer = JSON.parse(text);
    if (typeof answer === 'string') { return answer; }
    if (answer.chosen) { return answer.chosen.map((option) => optionWords(question, option, answer.other)).join(words.separator); }
    return all('[data-row]', question).filter((row) => answer[row.dataset.row])
      .map((row) => row.querySelector('th').textContent + words.colon + columnWords(question, answer[row.dataset.row]))
      .join(words.separator);
  }

  /* ---- named: drafts on the server ---- */
  function payload(changed) {
    const answers = {};
    Object.keys(changed).forEach((code) => { answers[code] = changed[code] === undefined ? null : JSON.parse(changed[code]); });
    return { answers };
  }
  function startServer() {
    const saver = window.Autosave.start({
      data, dataId: 'answer-data', words, payload, label, shown,
      offered: {},
      read: () => textsOf(root.sheet.answers()),
      write: (texts) => root.sheet.write(answersOf(texts)),
      theirs: (answer) => textsOf(answer.answers),
      savable: () => true,
      saved: (answer) => { form.elements.version.value = answer.version; },
      rejected: () => {},
    });
    window.Wizard.start(saver, () => true);
    root.addEventListener('questionnaire:page', () => { saver.flush(); });
    return saver;
  }

  /* ---- anonymous: drafts in this browser ---- */
  function moment(at) {
    return new Intl.DateTimeFormat(document.documentElement.lang || 'zh-CN', {
      timeZone: 'Asia/Shanghai', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false,
    }).format(new Date(at));
  }
  function tell(kind, text) {
    const state = document.getElementById('save-state');
    state.dataset.state = kind;
    state.querySelector('[data-text]').textContent = text;
  }
  function startBrowser() {
    const notices = window.Notices.start(document.getElementById('save-notices'));
    function keep() {
      const at = Date.now();
      const kept = window.Drafts.keep(key, { version: 0, values: textsOf(root.sheet.answers()), base: {}, at });
      tell(kept ? 'saved' : 'unsaved', kept ? words.kept_browser.replace('{time}', moment(at)) : words.not_kept);
      return Promise.resolve(kept);
    }
    function anew(empty) {
      window.Drafts.forget(key);
      notices.clear('draft');
      root.sheet.write(empty);
    }
    window.Drafts.dropOld(Date.now());
    const draft = form.hasAttribute('data-unsaved') ? null : window.Drafts.load(key);
    if (draft && Object.keys(draft.values).length) {
      const empty = Object.fromEntries(Object.keys(draft.values).map((code) => [code, undefined]));
      root.sheet.write(answersOf(draft.values));
      tell('saved', words.kept_browser.replace('{time}', moment(draft.at)));
      notices.put('draft', words.restored.replace('{time}', moment(draft.at)), [
        { label: words.start_anew, run: () => { anew(empty); } },
      ]);
    }
    return { touch: keep, flush: keep };
  }

  /* ---- submitting ---- */
  let sending = false;
  function send() {
    const go = document.createElement('input');
    go.type = 'hidden';
    go.name = 'go';
    go.value = 'submit';
    form.append(go);
    form.submit();
  }
  function submitted(event, saver) {
    event.preventDefault();
    if (sending || !event.submitter) { return; }
    if (event.submitter.value !== 'submit') { saver.flush(); return; }
    const problems = root.sheet.check();
    if (problems.length) { root.sheet.show(problems); return; }
    sending = true;
    event.submitter.setAttribute('aria-disabled', 'true');
    saver.flush().then((saved) => {
      if (saved || data.anonymous) { send(); return; }
      sending = false;
      event.submitter.removeAttribute('aria-disabled');
    });
  }

  const saver = data.anonymous ? startBrowser() : startServer();
  root.addEventListener('questionnaire:change', () => { saver.touch(); });
  form.addEventListener('submit', (event) => { submitted(event, saver); });
}());
