/* Twelve months of one indicator as small bars, with last year as a line; attributes only, as the CSP wants. */
(function () {
  'use strict';
  var SVG = 'http://www.w3.org/2000/svg';
  var WIDTH = 284;
  var HEIGHT = 92;
  var TOP = 6;
  var FOOT = 18;

  function shape(tag, attributes, text) {
    var node = document.createElementNS(SVG, tag);
    Object.keys(attributes).forEach(function (name) { node.setAttribute(name, attributes[name]); });
    if (text !== undefined) { node.textContent = text; }
    return node;
  }

  function points(months, key) {
    return months.map(function (month) {
      var value = window.Numbers.parse(month[key]);
      return value ? window.Numbers.approximate(value) : null;
    });
  }

  function scaleOf(values) {
    var known = values.filter(function (value) { return value !== null; }).concat([0]);
    var high = Math.max.apply(null, known);
    var low = Math.min.apply(null, known);
    var room = HEIGHT - TOP - FOOT;
    return function (value) { return TOP + (high === low ? room : room * (high - value) / (high - low)); };
  }

  function bar(value, i, step, y, isNow) {
    var top = Math.min(y(value), y(0));
    return shape('rect', {
      x: (i * step + step / 2 - 6).toFixed(1), y: top.toFixed(1), width: 12, rx: 1.5,
      height: Math.max(Math.abs(y(value) - y(0)), 1).toFixed(1), class: isNow ? 'rp-bar now' : 'rp-bar'
    });
  }

  function line(values, step, y) {
    var started = false;
    var path = values.map(function (value, i) {
      if (value === null) { started = false; return ''; }
      var command = (started ? 'L' : 'M') + (i * step + step / 2).toFixed(1) + ' ' + y(value).toFixed(1);
      started = true;
      return command;
    }).join('');
    return shape('path', { d: path, class: 'rp-line', fill: 'none' });
  }

  /* months: [{label, value, last_year}] in order, values as they travel; label: what a reader hears. */
  function draw(host, months, label) {
    var now = points(months, 'value');
    var before = points(months, 'last_year');
    var step = WIDTH / Math.max(months.length, 1);
    var y = scaleOf(now.concat(before));
    var svg = shape('svg', { viewBox: '0 0 ' + WIDTH + ' ' + HEIGHT, role: 'img', class: 'rp-trend' });
    svg.append(shape('title', {}, label));
    svg.append(shape('path', { d: 'M0 ' + y(0) + 'H' + WIDTH, class: 'rp-axis', fill: 'none' }));
    now.forEach(function (value, i) {
      if (value !== null) { svg.append(bar(value, i, step, y, i === now.length - 1)); }
    });
    svg.append(line(before, step, y));
    months.forEach(function (month, i) {
      svg.append(shape('text', { x: (i * step + step / 2).toFixed(1), y: HEIGHT - 4, class: 'rp-tick' }, month.label));
    });
    host.replaceChildren(svg);
  }

  window.Trend = { draw: draw };
})();
