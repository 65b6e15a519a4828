/* A sheet that follows its path while somebody types: [data-questionnaire], drawn by questionnaires/sheet.html.
 *
 * root.sheet = {answers(), write(values), goTo(page), show(problems), check() -> problems of all that is asked}
 * Tells `questionnaire:change` after every change and `questionnaire:page` when another page opens, both on root.
 * The server decides again about all of it. Needs expressions.js, questionnaire_logic.js and questionnaire_inputs.js. */
(function () {
  'use strict';

  const { read, write, questions, questionOf, all } = window.QuestionnaireInputs;

  function start(root) {
    const compiled = JSON.parse(root.querySelector('[data-compiled]').textContent);
    const pages = all('[data-sheet-page-number]', root);
    const pageInput = root.querySelector('[data-sheet-page]');
    const shownInput = root.querySelector('[data-sheet-shown]');
    let page = Number(pageInput.value);
    let isCertain = true; // whether the path is known to its end

    /* ---- the path ---- */
    function shownCodes(asked) {
      const shown = [];
      isCertain = !asked.some((code) => {
        const question = questionOf(root, code);
        shown.push(code);
        return question.hasAttribute('data-decides') && !question.querySelector('input:checked');
      });
      return shown;
    }
    function follow() {
      const walk = window.Questionnaire.walk(compiled, read(root));
      const shown = shownCodes(walk.asked);
      questions(root).forEach((question) => { question.hidden = !shown.includes(question.dataset.code); });
      if (walk.offered) { Object.keys(walk.offered).forEach((code) => offer(code, walk.offered[code])); }
      return shown;
    }
    function offer(code, options) {
      all('[data-option]', questionOf(root, code)).forEach((item) => {
        item.hidden = !options.includes(item.dataset.option);
      });
    }
    function tellProgress(shown, answers) {
      const counted = shown.filter((code) => questionOf(root, code).dataset.kind !== 'section');
      const answered = counted.filter((code) => answers[code] !== undefined).length;
      const bar = root.querySelector('[data-sheet-progress] progress');
      const words = root.querySelector('[data-sheet-progress] [data-words]');
      shownInput.value = counted.join(' ');
      if (!bar) { return; }
      bar.max = counted.length || 1;
      bar.value = answered;
      const pattern = isCertain ? words.dataset.words : words.dataset.wordsSoFar;
      words.textContent = pattern.replace('{answered}', answered).replace('{shown}', counted.length);
    }
    function update() {
      tellProgress(follow(), read(root));
      if (isBare(page)) { page = neighbour(-1) || neighbour(1) || page; }
      openPage();
    }
    function changed() {
      update();
      root.dispatchEvent(new CustomEvent('questionnaire:change', { bubbles: true }));
    }

    /* ---- pages ---- */
    function isBare(number) {
      return !questions(pages[number - 1]).some((question) => !question.hidden);
    }
    function neighbour(step) {
      for (let number = page + step; number >= 1 && number <= pages.length; number += step) {
        if (!isBare(number)) { return number; }
      }
      return null;
    }
    function openPage() {
      pages.forEach((one, at) => { one.hidden = at + 1 !== page; });
      pageInput.value = String(page);
      const previous = neighbour(-1);
      const hasNext = neighbour(1) !== null || (!isCertain && page < pages.length);
      const buttons = ['previous', 'next'].map((name) => root.querySelector(`[data-sheet-go="${name}"]`));
      buttons[0].hidden = previous === null;
      buttons[1].hidden = !hasNext;
      buttons[1].classList.toggle('pri', hasNext);
      if (hasNext) { buttons[1].textContent = buttons[1].dataset.next; }
      all('[data-sheet-submit]', document).forEach((button) => { button.hidden = hasNext; });
    }
    function goTo(number) {
      page = number;
      update();
      const first = questions(pages[page - 1]).find((question) => !question.hidden);
      if (first) {
        first.scrollIntoView({ block: 'start' });
        first.focus({ preventScroll: true });
      }
      root.dispatchEvent(new CustomEvent('questionnaire:page', { bubbles: true }));
    }
    function pageOf(question) { return Number(question.closest('[data-sheet-page-number]').dataset.sheetPageNumber); }

    /* ---- problems ---- */
    const codeOf = (problem) => problem.field.split('.')[0];
    function check() {
      const problems = window.Questionnaire.judge(compiled, read(root)).problems;
      return problems.filter((problem) => { // what lies beyond a question that decides the path is not asked yet
        const question = questionOf(root, codeOf(problem));
        return question && !question.hidden;
      });
    }
    function mark(question, problems) {
      const line = question.querySelector('[data-sheet-error]');
      if (!line) { return; }
      const words = Array.from(new Set(problems.map((problem) => problem.message)));
      line.hidden = !words.length;
      line.querySelector('span').textContent = words.join(' ');
      question.classList.toggle('wrong', words.length > 0);
      all('input, select, textarea', question).forEach((input) => {
        const isWords = input.matches('[data-sheet-words-of]');
        const wrong = problems.some((problem) => problem.field === input.name
          || (problem.field === question.dataset.code && !isWords));
        if (wrong) { input.setAttribute('aria-invalid', 'true'); } else { input.removeAttribute('aria-invalid'); }
      });
      all('[data-row]', question).forEach((row) => {
        row.classList.toggle('wrong', problems.some((problem) => problem.field === `${question.dataset.code}.${row.dataset.row}`));
      });
    }
    function show(problems) {
      questions(root).forEach((question) => {
        mark(question, problems.filter((problem) => codeOf(problem) === question.dataset.code));
      });
      if (!problems.length) { return; }
      const question = questionOf(root, codeOf(problems[0]));
      if (pageOf(question) !== page) { goTo(pageOf(question)); }
      const input = document.getElementById(`a-${problems[0].field}`) || question.querySelector('input, select, textarea');
      question.scrollIntoView({ block: 'center' });
      input.focus({ preventScroll: true });
    }
    /* Beside the question that was left or changed: what is wrong with what was typed; blanks wait for the end. */
    function judgeOne(question, evenBlank) {
      const blank = read(root)[question.dataset.code] === undefined;
      const mine = blank && !evenBlank ? []
        : check().filter((problem) => codeOf(problem) === question.dataset.code);
      mark(question, mine);
    }
    function leavePage(forward) {
      const here = forward ? check().filter((problem) => pageOf(questionOf(root, codeOf(problem))) === page) : [];
      if (here.length) { show(here); return; }
      goTo(neighbour(forward ? 1 : -1) || page);
    }

    /* ---- events ---- */
    function exclude(input) {
      if (input.type !== 'checkbox' || !input.checked || input.closest('[data-row]')) { return; }
      all(`input[name="${CSS.escape(input.name)}"]`, input.closest('[data-code]')).forEach((other) => {
        if (other !== input && (input.hasAttribute('data-exclusive') || other.hasAttribute('data-exclusive'))) {
          other.checked = false;
        }
      });
    }
    function chooseOther(input) {
      const pick = input.closest('[data-option]').querySelector('.qs-pick input');
      if (pick && input.value && !pick.checked) {
        pick.checked = true;
        exclude(pick);
      }
    }
    function entered(event) {
      const input = event.target;
      const question = input.closest('[data-code]');
      if (!question) { return; }
      if (input.matches('[data-sheet-words-of]')) { chooseOther(input); }
      if (event.type === 'change') {
        exclude(input);
        if (input.closest('[data-sheet-ranks]') && input.matches('select')) { window.QuestionnaireRanking.chosen(question, input); }
      }
      if (question.classList.contains('wrong') || event.type === 'change') { judgeOne(question, false); }
      changed();
    }
    function pressed(event) {
      const button = event.target.closest('button');
      if (!button) { return; }
      if (button.matches('[data-sheet-go]')) {
        event.preventDefault();
        leavePage(button.dataset.sheetGo === 'next');
      } else if (button.matches('[data-sheet-clear]')) {
        event.preventDefault();
        write(root, button.value, undefined);
        judgeOne(button.closest('[data-code]'), false);
        changed();
        button.closest('[data-code]').querySelector('input').focus();
      }
    }
    function linked(event) {
      const link = event.target.closest('.qs-summary a[href^="#"]');
      const target = link && document.getElementById(link.getAttribute('href').slice(1));
      const question = target && target.closest('[data-code]');
      if (question && pageOf(question) !== page) { goTo(pageOf(question)); }
    }
    function stayed(event) { // Enter in a line goes nowhere: the sheet is sent by its button
      if (event.key === 'Enter' && event.target.matches('input')) { event.preventDefault(); }
    }

    root.sheet = {
      answers: () => read(root), goTo, show, check,
      write: (values) => { Object.keys(values).forEach((code) => write(root, code, values[code])); update(); },
    };
    if (!root.hasAttribute('data-locked')) {
      root.addEventListener('input', entered);
      root.addEventListener('change', entered);
      root.addEventListener('keydown', stayed);
      window.QuestionnaireRanking.start(root, changed);
    }
    root.addEventListener('click', pressed);
    document.addEventListener('click', linked, true);
    all('[data-code]', root).forEach((question) => {
      const line = question.querySelector('[data-sheet-error]');
      question.classList.toggle('wrong', Boolean(line && !line.hidden));
    });
    update();
  }

  document.querySelectorAll('[data-questionnaire]').forEach(start);
}());
