/* "Only what changed": hides the lines of the tables that are as they were when the report was returned. */
(function () {
  'use strict';
  var button = document.querySelector('[data-only-changed]');
  if (!button) { return; }
  function toggle() {
    var only = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(only));
    document.body.classList.toggle('rp-only-changed', only);
  }
  button.hidden = false;
  button.addEventListener('click', toggle);
})();
