/* Sends a code without leaving the page, so that what was typed, passwords included, stays. */
(function () {
  'use strict';

  const { find, request } = window.qj;
  const button = find('[data-send-code]');
  const told = find('[data-code-told]');
  const words = button.textContent;
  const WAIT = 60; // seconds until another code may be asked for

  function count(left) {
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${words} (${left})` : words;
    if (left > 0) setTimeout(count, 1000, left - 1);
  }

  async function send() {
    const data = new FormData(button.form);
    data.set('go', 'code');
    button.disabled = true;
    const response = await request(button.form.action, {
      method: 'POST', body: data, headers: { Accept: 'application/json' },
    });
    told.textContent = (await response.json()).message;
    told.classList.toggle('qj-error', !response.ok);
    if (response.ok) {
      count(WAIT);
      find('[name=code]', button.form).focus();
    } else {
      button.disabled = false;
      find('a[data-captcha-kind]').click(); // that captcha is spent
    }
  }

  button.addEventListener('click', (event) => {
    event.preventDefault();
    send().catch(() => {
      button.disabled = false;
      button.form.requestSubmit(button);
    });
  });
}());
