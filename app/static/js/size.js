/* The size of an enterprise, as one types the figures and chooses the industry that it follows from. */
(function () {
  'use strict';

  const { find, request } = window.qj;
  const form = find('form[data-size-url]');
  if (!form) return;
  const MEASURING = ['revenue', 'employees', 'assets'];
  const PATIENCE = 300;
  let measured = 0;
  let waiting = null;

  const matters = (name) => MEASURING.includes(name) || name.startsWith('industry');

  async function measure() {
    const asked = ++measured;
    const address = new URL(form.dataset.sizeUrl, window.location.href);
    new FormData(form).forEach((value, name) => {
      if (matters(name)) address.searchParams.set(name, value);
    });
    const response = await request(address, { headers: { Accept: 'application/json' } });
    if (!response.ok || asked !== measured) return;
    const found = await response.json();
    const box = find('#rg-size');
    find('[data-size]', box).textContent = found.size;
    find('[data-working]', box).replaceChildren(...found.working.map((line) => {
      const item = document.createElement('li');
      item.textContent = line;
      return item;
    }));
  }

  function remeasure(event) {
    if (!matters(event.target.name || '')) return;
    clearTimeout(waiting);
    waiting = setTimeout(measure, PATIENCE);
  }

  form.addEventListener('input', remeasure);
  form.addEventListener('change', remeasure);
}());
