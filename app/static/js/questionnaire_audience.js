/* While the theme of a questionnaire is written: how many enterprises its audience has, told after each change. */
(function () {
  'use strict';

  const { find, findAll, request } = window.qj;
  const PAUSE = 400; // milliseconds without typing before the server is asked

  function watch(form) {
    const told = find('[data-counted]', form);
    let asked = 0;
    let timer = 0;

    async function count() {
      asked += 1;
      const mine = asked;
      told.dataset.wait = '';
      const body = new FormData(form);
      const response = await request(form.dataset.audience, {
        method: 'POST', body, headers: { Accept: 'application/json' },
      }).catch(() => null);
      if (mine !== asked) return; // it was changed again meanwhile
      delete told.dataset.wait;
      if (response && response.ok) told.textContent = (await response.json()).words;
    }

    function later() {
      window.clearTimeout(timer);
      timer = window.setTimeout(count, PAUSE);
    }

    form.addEventListener('change', later);
    form.addEventListener('input', later);
    if (!told.textContent) count();
  }

  findAll('[data-audience]').forEach(watch);
}());
