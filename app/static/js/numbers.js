/* Exact decimals for the page: what people type or paste becomes an integer and a scale, never a float. */
(function () {
  'use strict';
  var ZERO = BigInt(0);
  var TEN = BigInt(10);
  var LONGEST = 40; // as on the server: a longer text is a mistake, not a figure

  function power(n) { return TEN ** BigInt(n); }
  function magnitude(whole) { return whole < ZERO ? -whole : whole; }

  /* As on the server. No NFKC: it would read 5² as 52. */
  var WRITTEN = '０１２３４５６７８９．，＋－−﹣–—（）￥\u00a0\u2002\u2003\u2007\u2009\u202f\u3000';
  var ASCII = '0123456789.,+-----()¥       ';
  var AMOUNT = '((?:\\d+|\\d{1,3}(?:,\\d{3})+|\\d{1,3}(?: \\d{3})+)(?:\\.\\d*)?|\\.\\d+)';
  var SIGNED = new RegExp('^(?:([+-])? ?¥? ?|¥ ?([+-]) ?)' + AMOUNT + '$');
  var BRACKETED = new RegExp('^¥? ?\\( ?¥? ?' + AMOUNT + ' ?\\)$');

  function tidy(text) {
    return Array.from(String(text).trim(), function (c) {
      var i = WRITTEN.indexOf(c);
      return i < 0 ? c : ASCII[i];
    }).join('');
  }

  function build(whole, scale) {
    while (scale > 0 && whole % TEN === ZERO) { whole /= TEN; scale -= 1; }
    return { whole: whole, scale: scale };
  }

  /* {kind: 'blank'} or {kind: 'number', value} or {kind: 'bad'}; 'bad' keeps a typed text from being taken. */
  function read(text) {
    var plain = tidy(text);
    if (plain === '') { return { kind: 'blank', value: null }; }
    var bracketed = BRACKETED.exec(plain);
    var signed = bracketed ? null : SIGNED.exec(plain);
    if ((!bracketed && !signed) || plain.length > LONGEST) { return { kind: 'bad', value: null }; }
    var parts = (bracketed ? bracketed[1] : signed[3]).replace(/[, ]/g, '').split('.');
    var whole = BigInt(parts[0] + (parts[1] || ''));
    var negative = bracketed || signed[1] === '-' || signed[2] === '-';
    return { kind: 'number', value: build(negative ? -whole : whole, (parts[1] || '').length) };
  }

  function parse(text) {
    return text === null || text === undefined ? null : read(text).value;
  }

  function atScale(value, scale) { return value.whole * power(scale - value.scale); }

  function combine(a, b, sign) {
    var scale = Math.max(a.scale, b.scale);
    return build(atScale(a, scale) + sign * atScale(b, scale), scale);
  }
  function plus(a, b) { return combine(a, b, BigInt(1)); }
  function minus(a, b) { return combine(a, b, BigInt(-1)); }

  function digits(value, scale) {
    var text = magnitude(atScale(value, scale)).toString().padStart(scale + 1, '0');
    return scale ? [text.slice(0, -scale), text.slice(-scale)] : [text, ''];
  }

  /* The form that travels: '-386200', '81.5'. */
  function canonical(value) {
    if (!value) { return ''; }
    var parts = digits(value, value.scale);
    return (value.whole < ZERO ? '-' : '') + parts[0] + (parts[1] ? '.' + parts[1] : '');
  }

  /* The form that people read: typed digits are never rounded away; `decimals` is the least that is shown. */
  function format(value, decimals) {
    if (!value) { return ''; }
    var parts = digits(value, Math.max(value.scale, decimals || 0));
    var grouped = parts[0].replace(/\B(?=(\d{3})+$)/g, ',');
    return (value.whole < ZERO ? '−' : '') + grouped + (parts[1] ? '.' + parts[1] : '');
  }

  function signed(value, decimals) {
    return (value.whole > ZERO ? '+' : '') + format(value, decimals);
  }

  function rounded(numerator, denominator, scale) { // half away from zero
    var shifted = magnitude(numerator) * power(scale) * BigInt(2) + magnitude(denominator);
    var whole = shifted / (magnitude(denominator) * BigInt(2));
    return { whole: (numerator < ZERO) === (denominator < ZERO) ? whole : -whole, scale: scale };
  }

  /* Half away from zero, as the server shows it. */
  function round(value, places) {
    return value.scale <= places ? value : rounded(value.whole, power(value.scale), places);
  }

  /* Growth in per cent of |base| to two decimals; null where the base is missing or zero. */
  function growth(now, base) {
    if (!now || !base || base.whole === ZERO) { return null; }
    var scale = Math.max(now.scale, base.scale);
    var change = (atScale(now, scale) - atScale(base, scale)) * BigInt(100);
    return rounded(change, magnitude(atScale(base, scale)), 2);
  }

  /* For drawing only: a ratio between two figures as a float. */
  function approximate(value) { return Number(canonical(value)); }

  window.Numbers = {
    read: read, parse: parse, plus: plus, minus: minus, canonical: canonical,
    format: format, signed: signed, round: round, growth: growth, approximate: approximate
  };
})();
