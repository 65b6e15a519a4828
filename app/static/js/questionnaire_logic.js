/* Which questions answers lead through, and what is wrong with them: the page's half of app/questionnaires/paths.py,
 * checks.py and answers.py. The server decides; this is for branching and messages while one answers.
 *
 * compiled: of page_logic.compiled_for_page. answers: {code: value}, as the server takes them.
 * Questionnaire.walk(compiled, answers) → {asked: [code], offered: {code: [option]}}
 * Questionnaire.judge(compiled, answers) → {asked, offered, kept: {code: value}, problems: [{field, message}]}
 * Needs expressions.js, numbers.js and questionnaire_values.js. */
(function () {
  'use strict';

  function truth(json, names) { return json ? window.Expressions.evaluate(json, names) : null; }
  function isShown(json, names) { return json === null || truth(json, names) === true; }

  /* --- names in expressions --------------------------------------------------------------------------------- */

  function asText(value) { return { text: value }; }

  function cellNames(question, value, names) {
    question.rows.forEach(function (row) {
      question.columns.forEach(function (column) {
        var text = value[row] && value[row][column.code];
        if (text) { names[question.code + '.' + row + '.' + column.code] = column.numeric ? text : asText(text); }
      });
    });
  }

  function tell(question, value, names) {
    var kind = question.kind;
    if (value === null) { return; }
    if (kind === 'number' || kind === 'rating') { names[question.code] = value; }
    else if (typeof value === 'string') { names[question.code] = asText(value); }
    else if (kind === 'single') { names[question.code] = asText(value.chosen[0]); }
    else if (value.chosen && (kind === 'multiple' || kind === 'ranking')) {
      names[question.code] = value.chosen.map(asText);
    } else if (kind === 'matrix_fill') { cellNames(question, value, names); }
    else {
      Object.keys(value).forEach(function (row) {
        names[question.code + '.' + row] = Array.isArray(value[row]) ? value[row].map(asText) : asText(value[row]);
      });
    }
  }

  /* --- paths ------------------------------------------------------------------------------------------------ */

  function holds(jump, chosen) {
    function isChosen(option) { return chosen.indexOf(option) >= 0; }
    if (jump.match === 'any') { return jump.options.some(isChosen); }
    if (jump.match === 'all') { return jump.options.length > 0 && jump.options.every(isChosen); }
    return !jump.options.some(isChosen);
  }

  function firstPlaces(questions) {
    var places = new Map([['', questions.length]]);
    questions.forEach(function (question, place) {
      if (!places.has(question.code)) { places.set(question.code, place); }
    });
    return places;
  }

  function nextPlace(question, place, value, places) {
    var chosen = value && Array.isArray(value.chosen) ? value.chosen : [];
    var taken = question.jumps.find(function (jump) {
      return places.has(jump.target) && places.get(jump.target) > place && holds(jump, chosen);
    });
    return taken ? places.get(taken.target) : place + 1;
  }

  function steps(compiled, answers) {
    var places = firstPlaces(compiled.questions);
    var names = {};
    var found = [];
    var place = 0;
    while (place < compiled.questions.length) {
      var question = compiled.questions[place];
      if (!isShown(question.show_if, names)) { place += 1; continue; }
      var offered = offeredOf(question, names);
      var given = Object.prototype.hasOwnProperty.call(answers, question.code) ? answers[question.code] : null;
      var reading = window.QuestionnaireValues.read(question, given, offered, compiled);
      tell(question, reading.value, names);
      found.push({ question: question, offered: offered, reading: reading, names: Object.assign({}, names) });
      place = nextPlace(question, place, reading.value, places);
    }
    return found;
  }

  function offeredOf(question, names) {
    return question.options
      .filter(function (option) { return isShown(option.show_if, names); })
      .map(function (option) { return option.code; });
  }

  /* --- checks ----------------------------------------------------------------------------------------------- */

  function compare(one, other) {
    var difference = window.Numbers.minus(window.Numbers.parse(one), window.Numbers.parse(other)).whole;
    return difference < 0 ? -1 : difference > 0 ? 1 : 0;
  }

  function isWithin(check, amount) {
    var text = String(amount);
    return (check.least === null || compare(text, check.least) >= 0) &&
      (check.most === null || compare(text, check.most) <= 0);
  }

  /* Each input with the text that it holds: the question's own, or its cells of one sort. */
  function cellsOf(question, value, numeric) {
    if (typeof value === 'string') { return [{ field: question.code, text: value }]; }
    var found = [];
    question.rows.forEach(function (row) {
      question.columns.forEach(function (column) {
        var text = value[row] && value[row][column.code];
        if (text && column.numeric === numeric) {
          found.push({ field: question.code + '.' + row + '.' + column.code, text: text });
        }
      });
    });
    return found;
  }

  function refusedCells(question, value, numeric, isRefused) {
    return cellsOf(question, value, numeric)
      .filter(function (cell) { return isRefused(cell.text); })
      .map(function (cell) { return cell.field; });
  }

  function rowFields(question, value, isRefused) {
    return question.rows.filter(isRefused).map(function (row) { return question.code + '.' + row; });
  }

  function refusedChoices(question, check, value) {
    if (question.kind === 'matrix_multiple') {
      return rowFields(question, value, function (row) { return value[row] && !isWithin(check, value[row].length); });
    }
    var alone = question.kind === 'multiple' && value.chosen.length === 1 && question.options.some(function (option) {
      return option.exclusive && option.code === value.chosen[0];
    });
    return alone || isWithin(check, value.chosen.length) ? [] : [question.code];
  }

  function refusedDistinct(question, value) {
    var taken = new Set();
    return rowFields(question, value, function (row) {
      var columns = [].concat(value[row] || []);
      var repeats = columns.some(function (column) { return taken.has(column); });
      columns.forEach(function (column) { taken.add(column); });
      return repeats;
    });
  }

  /* The inputs that a check refuses. */
  var REFUSED = {
    range: function (question, check, value) {
      return refusedCells(question, value, true, function (text) { return !isWithin(check, text); });
    },
    integer: function (question, check, value) {
      return refusedCells(question, value, true, function (text) { return text.indexOf('.') >= 0; });
    },
    length: function (question, check, value) {
      return refusedCells(question, value, false, function (text) {
        return !isWithin(check, window.QuestionnaireValues.lengthOf(text));
      });
    },
    pattern: function (question, check, value, step, compiled) {
      return window.QuestionnaireValues.readPattern(check.pattern, value, compiled) === null ? [question.code] : [];
    },
    choices: refusedChoices,
    rows: function (question, check, value) {
      return rowFields(question, value, function (row) { return !Object.prototype.hasOwnProperty.call(value, row); });
    },
    distinct: function (question, check, value) { return refusedDistinct(question, value); },
    expression: function (question, check, value, step) {
      return truth(check.expression, step.names) === false ? [question.code] : [];
    }
  };

  /* --- judging ---------------------------------------------------------------------------------------------- */

  function mustBeAnswered(step) {
    return step.question.required && (step.offered.length > 0 || !step.question.options.length);
  }

  function problemsOf(step, compiled) {
    var found = step.reading.problems.slice();
    var value = step.reading.value;
    if (value !== null) {
      step.question.checks.forEach(function (check) {
        REFUSED[check.kind](step.question, check, value, step, compiled).forEach(function (field) {
          found.push({ field: field, message: check.message });
        });
      });
    } else if (mustBeAnswered(step) && !found.length) {
      found.push(window.QuestionnaireValues.fault(compiled, 'required', step.question.code));
    }
    return found;
  }

  function told(found) {
    var offered = Object.create(null);
    found.forEach(function (step) {
      if (step.question.options.length) { offered[step.question.code] = step.offered; }
    });
    return { asked: found.map(function (step) { return step.question.code; }), offered: offered };
  }

  function walk(compiled, answers) { return told(steps(compiled, answers)); }

  function judge(compiled, answers) {
    var found = steps(compiled, answers);
    var kept = Object.create(null);
    var problems = [];
    found.forEach(function (step) {
      if (step.reading.value !== null) { kept[step.question.code] = step.reading.value; }
      [].push.apply(problems, problemsOf(step, compiled));
    });
    return Object.assign(told(found), { kept: kept, problems: problems });
  }

  window.Questionnaire = { walk: walk, judge: judge };
}());
