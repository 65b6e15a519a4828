/* QuestionnaireValues.read(question, given, offered, compiled): what was typed or chosen, as the value that is kept.
 *
 * The same rules as in app/questionnaires/values.py, cleaning.py and patterns.py; random answers are held against both.
 * Gives {value, problems: [{field, message}]}; value is null where the answer is blank or cannot be read. Needs numbers.js. */
(function () {
  'use strict';

  var BREAKS = /\r\n|[\r\x0b\x0c\x85\u2028\u2029]/g;
  var SPACES = /[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
  var UNSEEN = new RegExp(
    '[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u00ad\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff\\ud800-\\udfff]', 'gu'
  );
  var LARGEST = BigInt(10) ** BigInt(12);
  var DATE = /^(?:([0-9]{4}) ?[-/.年] ?([0-9]{1,2}) ?[-/.月] ?([0-9]{1,2}) ?日?|([0-9]{4})([0-9]{2})([0-9]{2}))$/;
  var EMAIL = /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}$/;
  var CREDIT_SHAPE = /^[1-9ANY][1-59][0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}$/;
  var CREDIT_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
  var ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

  function has(object, name) { return Object.prototype.hasOwnProperty.call(object, name); }
  function mapping(value) { return value && typeof value === 'object' && !Array.isArray(value) ? value : {}; }
  function member(object, name) { return has(object, name) ? object[name] : undefined; }
  function textOf(value) { return typeof value === 'string' ? value : ''; }
  function lengthOf(text) { return Array.from(text).length; }

  function cleanText(text) {
    var seen = text.replace(BREAKS, '\n').replace(SPACES, ' ').replace(UNSEEN, '').replace(/\uf0b7/g, '•');
    return seen.replace(/ +\n/g, '\n').replace(/^[ \n]+|[ \n]+$/g, '');
  }
  function cleanLine(text) { return cleanText(text).replace(/\n/g, ' '); }

  function fault(compiled, key, field, values) {
    var message = compiled.faults[key].replace(/\{(\w+)\}/g, function (whole, name) {
      return values && has(values, name) ? String(values[name]) : whole;
    });
    return { field: field, message: message };
  }
  function reading(value, problems) { return { value: value, problems: problems || [] }; }

  function limited(compiled, text, limit, field) {
    var count = lengthOf(text);
    if (count > limit) { return reading(null, [fault(compiled, 'too_long', field, { count: count, limit: limit })]); }
    return reading(text || null);
  }

  /* --- texts of a known shape ------------------------------------------------------------------------------- */

  function narrowDigits(text) {
    var wide = '０１２３４５６７８９－／．';
    return Array.from(text, function (sign) {
      var at = wide.indexOf(sign);
      return at < 0 ? sign : '0123456789-/.'[at];
    }).join('');
  }

  function readDate(text, years) {
    var found = DATE.exec(narrowDigits(text));
    if (!found) { return null; }
    var parts = found.slice(1).filter(Boolean).map(Number);
    var date = new Date(Date.UTC(parts[0], parts[1] - 1, parts[2]));
    var stands = date.getUTCMonth() === parts[1] - 1 && date.getUTCDate() === parts[2];
    return stands && parts[0] >= years[0] && parts[0] <= years[1] ? date.toISOString().slice(0, 10) : null;
  }

  function readMobile(text) {
    var number = text.normalize('NFKC').replace(/[\s‐‑‒–—−-]/g, '').replace(/^\+?86(?=1[0-9]{10}$)/, '');
    return /^1[0-9]{10}$/.test(number) ? number : null;
  }

  function readEmail(text) { return lengthOf(text) <= 120 && EMAIL.test(text) ? text : null; }

  function organisationCheck(body) {
    var total = 0;
    for (var at = 0; at < 8; at += 1) { total += parseInt(body[at], 36) * ORGANISATION_WEIGHTS[at]; }
    return '0123456789X0'[11 - total % 11];
  }

  function creditCheck(body) {
    var total = 0;
    var weight = 1;
    for (var at = 0; at < 17; at += 1) {
      total += CREDIT_ALPHABET.indexOf(body[at]) * weight;
      weight = weight * 3 % 31;
    }
    return CREDIT_ALPHABET[(31 - total % 31) % 31];
  }

  function readCreditCode(text) {
    var code = text.normalize('NFKC').replace(/[\u2010-\u2015\u2212-]|[\s\p{Cc}\p{Cf}]/gu, '').toUpperCase();
    if (!CREDIT_SHAPE.test(code)) { return null; }
    return code[17] === creditCheck(code) && code[16] === organisationCheck(code.slice(8, 16)) ? code : null;
  }

  /* The text as it is kept where it has the shape, else null. */
  function readPattern(pattern, text, compiled) {
    if (pattern === 'date') { return readDate(text, compiled.limits.years); }
    if (pattern === 'mobile') { return readMobile(text); }
    if (pattern === 'email') { return readEmail(text); }
    return pattern === 'credit_code' ? readCreditCode(text) : text;
  }

  /* --- kinds of questions ----------------------------------------------------------------------------------- */

  function line(question, text, compiled) {
    var found = limited(compiled, cleanLine(text), compiled.limits.line, question.code);
    question.checks.forEach(function (check) {
      if (check.kind === 'pattern' && found.value !== null) {
        found.value = readPattern(check.pattern, found.value, compiled) || found.value;
      }
    });
    return found;
  }

  function longText(question, text, compiled) {
    return limited(compiled, cleanText(text), compiled.limits.text, question.code);
  }

  function decimal(text, field, compiled) {
    var found = window.Numbers.read(cleanLine(text));
    if (found.kind === 'blank') { return reading(null); }
    if (found.kind === 'bad') { return reading(null, [fault(compiled, 'number', field)]); }
    var size = found.value.whole < 0 ? -found.value.whole : found.value.whole;
    if (size >= LARGEST * BigInt(10) ** BigInt(found.value.scale)) {
      return reading(null, [fault(compiled, 'number_size', field)]);
    }
    if (found.value.scale > compiled.limits.decimals) {
      return reading(null, [fault(compiled, 'number_decimals', field, { limit: compiled.limits.decimals })]);
    }
    return reading(window.Numbers.canonical(found.value));
  }

  function number(question, text, compiled) { return decimal(text, question.code, compiled); }

  function date(question, text, compiled) {
    var written = cleanLine(text);
    var found = written && readDate(written, compiled.limits.years);
    return written && !found ? reading(null, [fault(compiled, 'date', question.code)]) : reading(found || null);
  }

  function rating(question, text, compiled) {
    var found = decimal(text, question.code, compiled);
    if (found.value === null && !found.problems.length) { return found; }
    var step = found.value === null || found.value.indexOf('.') >= 0 ? 0 : Number(found.value);
    if (step < 1 || step > question.scale) {
      return reading(null, [fault(compiled, 'rating', question.code, { limit: question.scale })]);
    }
    return found;
  }

  /* The codes of a list that are among `codes`, each once, in the order of the list. */
  function among(listed, codes) {
    if (!Array.isArray(listed)) { return []; }
    return listed.filter(function (code, at) { return codes.indexOf(code) >= 0 && listed.indexOf(code) === at; });
  }

  function withWords(question, chosen, given, compiled) {
    if (!chosen.length) { return reading(null); }
    var typed = mapping(member(given, 'other'));
    var words = Object.create(null);
    var problems = [];
    chosen.forEach(function (code) {
      var option = question.options.find(function (one) { return one.code === code; });
      if (!option.other) { return; }
      var field = question.code + '.other.' + code;
      var found = limited(compiled, cleanLine(textOf(member(typed, code))), compiled.limits.line, field);
      if (found.value !== null) { words[code] = found.value; }
      else { problems.push(found.problems[0] || fault(compiled, 'other_words', field)); }
    });
    return reading({ chosen: chosen, other: words }, problems);
  }

  function single(question, given, offered, compiled) {
    var chosen = among(member(given, 'chosen'), offered);
    if (chosen.length > 1) { return reading(null, [fault(compiled, 'one_option', question.code)]); }
    return withWords(question, chosen, given, compiled);
  }

  function multiple(question, given, offered, compiled) {
    var listed = among(member(given, 'chosen'), offered);
    var taken = question.options.filter(function (option) { return listed.indexOf(option.code) >= 0; });
    var chosen = taken.map(function (option) { return option.code; });
    var found = withWords(question, chosen, given, compiled);
    if (chosen.length > 1 && taken.some(function (option) { return option.exclusive; })) {
      found.problems.unshift(fault(compiled, 'exclusive', question.code));
    }
    return found;
  }

  function ranking(question, given, offered, compiled) {
    var chosen = among(member(given, 'chosen'), offered);
    var found = withWords(question, chosen, given, compiled);
    var partial = question.checks.some(function (check) { return check.kind === 'choices'; });
    if (chosen.length && chosen.length < offered.length && !partial) {
      found.problems.unshift(fault(compiled, 'rank_all', question.code));
    }
    return found;
  }

  function cells(question, row, given, compiled, problems) {
    var found = Object.create(null);
    question.columns.forEach(function (column) {
      var text = textOf(member(given, column.code));
      var field = question.code + '.' + row + '.' + column.code;
      var cell = column.numeric
        ? decimal(text, field, compiled) : limited(compiled, cleanLine(text), compiled.limits.line, field);
      [].push.apply(problems, cell.problems);
      if (cell.value !== null) { found[column.code] = cell.value; }
    });
    return Object.keys(found).length ? found : null;
  }

  function rowValue(question, row, given, compiled, problems) {
    var codes = question.columns.map(function (column) { return column.code; });
    if (question.kind === 'matrix_single') { return codes.indexOf(given) >= 0 ? given : null; }
    if (question.kind === 'matrix_fill') { return cells(question, row, mapping(given), compiled, problems); }
    var listed = among(given, codes);
    var chosen = codes.filter(function (code) { return listed.indexOf(code) >= 0; });
    return chosen.length ? chosen : null;
  }

  function matrix(question, given, compiled) {
    var value = Object.create(null);
    var problems = [];
    question.rows.forEach(function (row) {
      var found = rowValue(question, row, member(given, row), compiled, problems);
      if (found !== null) { value[row] = found; }
    });
    return reading(Object.keys(value).length ? value : null, problems);
  }

  var PLAIN = { line: line, text: longText, number: number, date: date, rating: rating };
  var CHOSEN = { single: single, multiple: multiple, ranking: ranking };

  function read(question, given, offered, compiled) {
    if (question.kind === 'section') { return reading(null); }
    if (has(PLAIN, question.kind)) { return PLAIN[question.kind](question, textOf(given), compiled); }
    if (has(CHOSEN, question.kind)) { return CHOSEN[question.kind](question, mapping(given), offered, compiled); }
    return matrix(question, mapping(given), compiled);
  }

  window.QuestionnaireValues = { read: read, readPattern: readPattern, fault: fault, lengthOf: lengthOf };
}());
