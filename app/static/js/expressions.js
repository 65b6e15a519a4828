/* Evaluates in the page the expressions that app/kernel/expressions compiles to JSON.
 *
 * Expressions.evaluate(json, names) gives true, false, a decimal string, {text: "…"} or null for missing.
 * names: {"revenue.ytd": "1234.5", "cell": null, "q5": {text: "a"}, "q6": true, "q7": [{text: "a"}]};
 * what is absent, null, an empty text, an empty list or not written as a decimal is missing.
 * The server decides; this is for live feedback. The meaning of each operator is fixed by the
 * table of cases that both evaluators are tested with.
 */
(function () {
  'use strict';

  var MISSING = null;
  var ZERO = BigInt(0);
  var ONE = BigInt(1);
  var TWO = BigInt(2);
  var FIVE = BigInt(5);
  var TEN = BigInt(10);
  var PLACES = 20; // decimals of a result that no decimal number can hold
  var MOST_PLACES = 20; // decimals that round can be asked for
  var ISO_DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
  var DECIMAL = /^([+-]?)([0-9]*)(?:\.([0-9]*))?$/;

  /* An exact number: over / under, under > 0. */
  function Ratio(over, under) {
    this.over = over;
    this.under = under;
  }

  /* A text, apart from the strings that carry decimals. */
  function TextValue(text) {
    this.text = text;
  }

  function isRatio(value) { return value instanceof Ratio; }
  function isTruth(value) { return value === true || value === false; }
  function magnitude(number) { return number < ZERO ? -number : number; }
  function ratio(over, under) { return under < ZERO ? new Ratio(-over, -under) : new Ratio(over, under); }

  function ratioOf(decimal) {
    var found = DECIMAL.exec(decimal);
    var fraction = found ? found[3] || '' : '';
    if (!found || !(found[2] + fraction)) { return MISSING; }
    var over = BigInt(found[2] + fraction);
    return new Ratio(found[1] === '-' ? -over : over, TEN ** BigInt(fraction.length));
  }

  function add(a, b) { return new Ratio(a.over * b.under + b.over * a.under, a.under * b.under); }
  function subtract(a, b) { return add(a, new Ratio(-b.over, b.under)); }
  function multiply(a, b) { return new Ratio(a.over * b.over, a.under * b.under); }
  function divide(a, b) { return b.over === ZERO ? MISSING : ratio(a.over * b.under, a.under * b.over); }
  function absolute(a) { return new Ratio(magnitude(a.over), a.under); }
  function order(a, b) { return a.over * b.under - b.over * a.under; }

  function greatestDivisor(a, b) {
    while (b !== ZERO) { var rest = a % b; a = b; b = rest; }
    return a;
  }

  /* value * 10**places rounded half up, away from zero; a negative number of places rounds to tens. */
  function whole(value, places) {
    var power = TEN ** BigInt(Math.abs(places));
    var over = magnitude(value.over) * (places > 0 ? power : ONE);
    var under = value.under * (places < 0 ? power : ONE);
    var rounded = (TWO * over + under) / (TWO * under);
    return value.over < ZERO ? -rounded : rounded;
  }

  /* How often a prime divides a number, and what is left of it. */
  function divideOut(number, prime) {
    var times = 0;
    while (number % prime === ZERO) { number /= prime; times += 1; }
    return { times: times, rest: number };
  }

  function decimalOf(value) {
    var twos = divideOut(value.under / greatestDivisor(magnitude(value.over), value.under), TWO);
    var fives = divideOut(twos.rest, FIVE);
    var places = fives.rest === ONE ? Math.max(twos.times, fives.times) : PLACES;
    var scaled = whole(value, places);
    var digits = magnitude(scaled).toString().padStart(places + 1, '0');
    var point = digits.length - places;
    var fraction = digits.slice(point).replace(/0+$/, '');
    return (scaled < ZERO ? '-' : '') + digits.slice(0, point) + (fraction && '.' + fraction);
  }

  function givenSingle(value) {
    if (isTruth(value)) { return value; }
    if (typeof value === 'string') { return ratioOf(value); }
    if (value && typeof value.text === 'string' && value.text !== '') { return new TextValue(value.text); }
    return MISSING;
  }

  function given(value) {
    if (!Array.isArray(value)) { return givenSingle(value); }
    return value.length ? value.map(givenSingle) : MISSING;
  }

  function single(value) { return Array.isArray(value) ? MISSING : value; }

  function not(value) { return isTruth(value) ? !value : MISSING; }

  /* False as soon as one is false, even where another is missing: no value could mend that. */
  function all(truths) {
    if (truths.indexOf(false) >= 0) { return false; }
    return truths.every(isTruth) ? true : MISSING;
  }

  function any(truths) {
    if (truths.indexOf(true) >= 0) { return true; }
    return truths.every(isTruth) ? false : MISSING;
  }

  function onRatios(compute) {
    return function (a, b) { return isRatio(a) && isRatio(b) ? compute(a, b) : MISSING; };
  }

  function equal(a, b) {
    if (isRatio(a) && isRatio(b)) { return order(a, b) === ZERO; }
    if (a instanceof TextValue && b instanceof TextValue) { return a.text === b.text; }
    return isTruth(a) && isTruth(b) ? a === b : MISSING;
  }

  function within(item, items) {
    if (single(item) === MISSING || !Array.isArray(items)) { return MISSING; }
    return any(items.map(function (member) { return equal(item, member); }));
  }

  function onNumbers(compute) {
    return function (values) { return values.every(isRatio) ? compute(values) : MISSING; };
  }

  /* Like onNumbers, where a list stands for its items. */
  function onSpread(compute) {
    return function (values) { return onNumbers(compute)([].concat.apply([], values)); };
  }

  function extreme(sign) {
    return function (values) {
      if (!values.length) { return MISSING; }
      return values.reduce(function (best, value) { return order(value, best) * sign > ZERO ? value : best; });
    };
  }

  function total(values) { return values.reduce(add, new Ratio(ZERO, ONE)); }

  function round(values) {
    var asked = values.length > 1 ? values[1] : new Ratio(ZERO, ONE);
    if (asked.over % asked.under !== ZERO) { return MISSING; }
    var places = Number(asked.over / asked.under);
    if (Math.abs(places) > MOST_PLACES) { return MISSING; }
    var power = TEN ** BigInt(Math.abs(places));
    var rounded = whole(values[0], places);
    return places < 0 ? new Ratio(rounded * power, ONE) : new Ratio(rounded, power);
  }

  function near(values) { return order(absolute(subtract(values[0], values[1])), values[2]) <= ZERO; }

  function coalesce(values) {
    var found = values.filter(function (value) { return value !== MISSING; });
    return found.length ? found[0] : MISSING;
  }

  /* Days since 1970-01-01 of an ISO day; missing for what is no day of the calendar. */
  function day(values) {
    var found = values[0] instanceof TextValue && ISO_DAY.exec(values[0].text);
    if (!found) { return MISSING; }
    var parts = found.slice(1).map(Number);
    var date = new Date(0);
    date.setUTCFullYear(parts[0], parts[1] - 1, parts[2]);
    var stands = parts[0] > 0 && date.getUTCMonth() === parts[1] - 1 && date.getUTCDate() === parts[2];
    return stands ? new Ratio(BigInt(date.getTime() / 86400000), ONE) : MISSING;
  }

  function count(values) {
    if (!Array.isArray(values[0])) { return MISSING; }
    var there = values[0].filter(function (item) { return item !== MISSING; });
    return new Ratio(BigInt(there.length), ONE);
  }

  function length(values) {
    if (!(values[0] instanceof TextValue)) { return MISSING; }
    return new Ratio(BigInt(Array.from(values[0].text).length), ONE);
  }

  var OPERATORS = new Map([
    ['list', function () { return [].map.call(arguments, single); }],
    ['not', not],
    ['negate', function (value) { return isRatio(value) ? new Ratio(-value.over, value.under) : MISSING; }],
    ['and', function (a, b) { return all([a, b]); }],
    ['or', function (a, b) { return any([a, b]); }],
    ['in', within],
    ['+', onRatios(add)],
    ['-', onRatios(subtract)],
    ['*', onRatios(multiply)],
    ['/', onRatios(divide)],
    ['==', equal],
    ['!=', function (a, b) { return not(equal(a, b)); }],
    ['<', onRatios(function (a, b) { return order(a, b) < ZERO; })],
    ['<=', onRatios(function (a, b) { return order(a, b) <= ZERO; })],
    ['>', onRatios(function (a, b) { return order(a, b) > ZERO; })],
    ['>=', onRatios(function (a, b) { return order(a, b) >= ZERO; })]
  ]);

  var FUNCTIONS = new Map([
    ['abs', onNumbers(function (values) { return absolute(values[0]); })],
    ['round', onNumbers(round)],
    ['near', onNumbers(near)],
    ['min', onSpread(extreme(-ONE))],
    ['max', onSpread(extreme(ONE))],
    ['sum', onSpread(total)],
    ['coalesce', coalesce],
    ['present', function (values) { return values[0] !== MISSING; }],
    ['blank', function (values) { return values[0] === MISSING; }],
    ['day', day],
    ['count', count],
    ['length', length]
  ]);

  function lookUp(names, name) {
    return Object.prototype.hasOwnProperty.call(names, name) ? given(names[name]) : MISSING;
  }

  function operatorOf(table, name) {
    var found = table.get(name);
    if (!found) { throw new TypeError('expressions.js does not know ' + name); }
    return found;
  }

  function valueOf(node, names) {
    var head = node[0];
    if (head === 'number') { return ratioOf(node[1]); }
    if (head === 'text') { return new TextValue(node[1]); }
    if (head === 'truth') { return node[1]; }
    if (head === 'name') { return lookUp(names, node[1]); }
    var operands = node.slice(head === 'call' ? 2 : 1).map(function (part) { return valueOf(part, names); });
    if (head === 'call') { return operatorOf(FUNCTIONS, node[1])(operands); }
    return operatorOf(OPERATORS, head).apply(null, operands);
  }

  function evaluate(json, names) {
    var value = valueOf(json, names);
    if (isRatio(value)) { return decimalOf(value); }
    if (value instanceof TextValue) { return { text: value.text }; }
    return isTruth(value) ? value : MISSING;
  }

  window.Expressions = { evaluate: evaluate };
}());
