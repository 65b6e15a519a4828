/* Another captcha in its place: what was typed in the form stays. Without scripts the links load the page anew. */
(function () {
  'use strict';

  if (window.qjCaptcha) return; // loaded by each captcha of a page
  window.qjCaptcha = true;

  const find = (box, selector) => box.querySelector(selector);

  function show(box, ways, answer) {
    const picture = find(box, 'img');
    const question = find(box, '.qj-captcha-question');
    picture.hidden = !answer.picture;
    picture.src = answer.picture || 'data:,';
    question.hidden = !answer.question;
    question.textContent = answer.question;
    find(box, 'input[type=hidden]').value = answer.token;
    const [again, other] = ways.querySelectorAll('a');
    again.textContent = answer.again;
    again.dataset.captchaKind = answer.kind;
    other.textContent = answer.other;
    other.dataset.captchaKind = answer.other_kind;
    const typed = find(box, 'input:not([type=hidden])');
    typed.value = '';
    typed.focus();
  }

  async function renew(link) {
    const ways = link.closest('.qj-captcha-ways');
    const box = ways.previousElementSibling;
    const address = new URL(box.dataset.captcha, window.location.href);
    address.searchParams.set('kind', link.dataset.captchaKind);
    const answer = await fetch(address, { headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new Error(String(answer.status));
    show(box, ways, await answer.json());
  }

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-captcha-kind]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    renew(link).catch(() => { window.location.href = link.href; });
  });
}());
