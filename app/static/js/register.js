/* The information of a registration: the draft saved by itself, nothing lost on leaving. */
(function () {
  'use strict';

  const { find, request } = window.qj;
  const form = find('#rg-form');
  const IDLE = 2500;

  const saved = find('#rg-saved');
  let changes = 0;
  let kept = 0;
  let timer = null;
  let running = null;
  let leaving = false;

  function tell(state, words) {
    saved.dataset.state = state;
    find('[data-text]', saved).textContent = words;
  }

  async function send() {
    const at = changes;
    const data = new FormData(form);
    data.set('go', 'autosave');
    const response = await request(form.action, {
      method: 'POST', body: data, headers: { Accept: 'application/json' },
    });
    const answer = await response.json();
    if (!response.ok) { tell('refused', answer.message); return; }
    form.elements.version.value = answer.version;
    kept = at;
    if (kept === changes) tell('saved', answer.message);
  }

  function save() {
    clearTimeout(timer);
    if (running || leaving || kept === changes) return;
    running = send().catch(() => tell('refused', saved.dataset.unsaved)).finally(() => {
      running = null;
      if (kept !== changes && saved.dataset.state !== 'refused') later();
    });
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, IDLE);
  }

  function touched() {
    changes += 1;
    tell('typing', saved.dataset.unsaved);
    later();
  }

  /* A click while the draft is on its way waits for it: both carry the version that they saw. */
  form.addEventListener('submit', (event) => {
    clearTimeout(timer);
    if (running) {
      event.preventDefault();
      const { submitter } = event;
      running.then(() => form.requestSubmit(submitter));
      return;
    }
    leaving = true;
  });
  form.addEventListener('input', touched);
  form.addEventListener('change', touched);
  window.addEventListener('pageshow', () => { leaving = false; });
  window.addEventListener('beforeunload', (event) => {
    if (!leaving && kept !== changes) event.preventDefault();
  });
}());
