/* Texts that often stand in a field: a click puts one there, to be edited before it is sent. */
(function () {
  'use strict';
  document.addEventListener('click', function (event) {
    var chip = event.target.closest('[data-suggested]');
    if (!chip) { return; }
    var field = document.getElementById(chip.dataset.suggested);
    field.value = chip.textContent;
    field.focus();
  });
})();
