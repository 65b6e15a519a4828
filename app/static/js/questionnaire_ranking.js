/* Ranking by buttons, by dragging and by the lists of ranks: whatever is used, the ranks go from 1 without a gap.
 *
 * QuestionnaireRanking.start(root, changed);  QuestionnaireRanking.chosen(question, select) after a rank was chosen */
(function () {
  'use strict';

  const { order, rank, all } = window.QuestionnaireInputs;

  function word(root, name) { return root.querySelector(`[data-sheet-words]`).content.querySelector(`[data-word="${name}"]`).textContent; }

  /* Ranks the codes as given and puts the items in that order, those without a rank after them as they stood. */
  function arrange(question, codes) {
    const list = question.querySelector('[data-sheet-ranks]');
    rank(question, codes);
    const items = all('[data-option]', list);
    const item = (code) => items.find((one) => one.dataset.option === code);
    const rest = items.filter((one) => !codes.includes(one.dataset.option));
    [...codes.map(item), ...rest].forEach((one) => list.append(one));
    items.forEach((one) => one.classList.toggle('is-ranked', codes.includes(one.dataset.option)));
  }

  function placed(question, code, at) {
    const codes = order(question).filter((one) => one !== code);
    codes.splice(Math.min(at, codes.length), 0, code);
    return codes;
  }

  function chosen(question, select) {
    const code = select.closest('[data-option]').dataset.option;
    const wanted = select.value;
    select.value = '';
    arrange(question, wanted ? placed(question, code, Number(wanted) - 1) : order(question));
    select.focus();
  }

  /* Up: an option without a rank gets the last one. Down: the last one loses its rank. */
  function moved(question, code, direction) {
    const codes = order(question);
    const at = codes.indexOf(code);
    if (at < 0) { return direction === 'up' ? [...codes, code] : codes; }
    if (direction === 'up') { return placed(question, code, Math.max(at - 1, 0)); }
    return at === codes.length - 1 ? codes.filter((one) => one !== code) : placed(question, code, at + 1);
  }

  function tell(root, question, code) {
    const at = order(question).indexOf(code);
    root.querySelector('[data-sheet-status]').textContent = at < 0 ? word(root, 'unranked')
      : word(root, 'ranked').replace('{rank}', at + 1);
  }

  function start(root, changed) {
    root.addEventListener('click', (event) => {
      const button = event.target.closest('[data-sheet-move]');
      if (!button) { return; }
      const question = button.closest('[data-code]');
      const code = button.closest('[data-option]').dataset.option;
      arrange(question, moved(question, code, button.dataset.sheetMove));
      button.focus();
      tell(root, question, code);
      changed();
    });
    all('[data-sheet-ranks]', root).forEach((list) => {
      const question = list.closest('[data-code]');
      all('[data-sheet-moves], [data-sheet-grip]', list).forEach((part) => { part.hidden = false; });
      arrange(question, order(question));
      window.Sortable.create(list, {
        handle: '[data-sheet-grip]',
        animation: 120,
        onEnd: (event) => {
          arrange(question, placed(question, event.item.dataset.option, event.newIndex));
          changed();
        },
      });
    });
  }

  window.QuestionnaireRanking = { start, chosen };
}());
