/* The page of a job: asks how far it is, more slowly as time goes by, and reloads at the end. */
(function () {
  'use strict';
  const card = document.getElementById('job');
  if (!card) return;
  const bar = document.getElementById('job-bar');
  const count = document.getElementById('job-count');
  const note = document.getElementById('job-note');
  const state = document.getElementById('job-state');
  const SLOWEST = 5000;
  let pause = 700;
  let shown = '';

  function show(status) {
    if (shown && status.state !== shown) { location.reload(); return false; }
    shown = status.state;
    state.textContent = status.label;
    if (note.textContent !== status.note) note.textContent = status.note;
    if (status.total > 0) {
      bar.max = status.total;
      bar.value = Math.min(status.done, status.total);
      count.textContent = card.dataset.of.replace('{done}', status.done).replace('{total}', status.total);
    } else {
      bar.removeAttribute('value');
      count.textContent = '';
    }
    return true;
  }

  function ask() {
    fetch(card.dataset.progress, { headers: { Accept: 'application/json' }, credentials: 'same-origin' })
      .then(function (answer) {
        if (answer.status === 401 || answer.status === 404) { location.reload(); return null; }
        return answer.ok ? answer.json() : undefined;
      })
      .catch(function () { return undefined; }) // the network is away for a moment; the next round asks again
      .then(function (status) {
        if (status === null) return;
        if (status && status.final) { location.reload(); return; }
        if (status && !show(status)) return;
        pause = Math.min(SLOWEST, pause * 1.1);
        setTimeout(ask, pause);
      });
  }
  setTimeout(ask, pause);
})();
