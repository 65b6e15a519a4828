/* A countdown to an automatic review: seen every second, told now and then, and the page anew at its end. */
(function () {
  'use strict';

  const shown = document.querySelector('[data-countdown]');
  if (!shown) return;
  const told = document.querySelector('[data-countdown-told]');
  const TOLD_EVERY = 30;
  const GRACE = 2; // seconds that the server gets once the time is over
  const start = window.performance.now(); // not the clock of the computer: that may be wrong
  const total = Number(shown.dataset.countdown);
  let last = null;

  function left() {
    return Math.max(0, Math.ceil(total - (window.performance.now() - start) / 1000));
  }

  function words(pattern, seconds) {
    return pattern.replace('{minutes}', Math.floor(seconds / 60)).replace('{seconds}', String(seconds % 60).padStart(2, '0'));
  }

  function show(seconds) {
    shown.textContent = words(shown.dataset.words, seconds);
    if (last === null || seconds % TOLD_EVERY === 0) told.textContent = words(told.dataset.words, seconds);
    last = seconds;
  }

  function tick() {
    const seconds = left();
    if (seconds !== last) show(seconds);
    if (seconds > 0) return;
    clearInterval(timer);
    setTimeout(() => window.location.reload(), GRACE * 1000);
  }

  const timer = setInterval(tick, 250);
  tick();
}());
