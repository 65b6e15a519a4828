/* Pages of one report: printing, and a send button that answers the first click at once. */
(function () {
  'use strict';
  document.addEventListener('click', function (event) {
    if (event.target.closest('[data-print]')) { window.print(); }
  });
  document.addEventListener('submit', function (event) {
    if (event.defaultPrevented) { return; }
    setTimeout(function () { // after the form has been read: a disabled button would not be sent
      document.querySelectorAll('button[form="' + event.target.id + '"]').forEach(function (button) {
        button.setAttribute('aria-disabled', 'true');
        button.classList.add('is-sending');
      });
    }, 0);
  });
})();
