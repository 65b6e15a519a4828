/* Notices above a work sheet: one line each, with what can be done about it; kept by name so that they never pile up. */
(function () {
  'use strict';
  var element = window.Compare.element;

  function action(item) {
    var node = element(item.href ? 'a' : 'button', item.href ? 'rp-notice-link' : 'qj-link', item.label);
    if (item.href) {
      node.href = item.href;
      node.target = '_blank';
      node.rel = 'noopener';
    } else {
      node.type = 'button';
      node.addEventListener('click', item.run);
    }
    return node;
  }

  function start(host) {
    function find(name) { return host.querySelector('[data-notice="' + name + '"]'); }
    function clear(name) {
      var old = find(name);
      if (old) { old.remove(); }
    }
    function put(name, text, actions) {
      clear(name);
      var line = element('div', 'rp-notice');
      line.dataset.notice = name;
      line.append(element('span', '', text));
      actions.forEach(function (item) { line.append(action(item)); });
      host.append(line);
    }
    return { put: put, clear: clear };
  }

  window.Notices = { start: start };
})();
