/* The button that sends a code rests for as many seconds as the server says, and counts them down. */
(function () {
  'use strict';

  if (window.qjCodes) return; // a page may hold two such fields
  window.qjCodes = true;

  function rest(button) {
    let left = Number(button.dataset.wait);
    if (!left) return;
    const words = button.textContent;
    button.disabled = true;
    const show = () => {
      if (left > 0) {
        button.textContent = button.dataset.later.replace('{}', String(left));
        left -= 1;
        window.setTimeout(show, 1000);
      } else {
        button.textContent = words;
        button.disabled = false;
      }
    };
    show();
  }

  document.querySelectorAll('button[data-wait]').forEach(rest);
}());
