/* Which other tabs of this browser have the same thing open, and what they tell. */
(function () {
  'use strict';

  /* heard(message) is called for every message of another tab; -> {tell(message), leave(), count()} */
  function start(name, heard) {
    var me = String(Date.now()) + Math.random();
    var others = new Set();
    var channel = window.BroadcastChannel ? new BroadcastChannel(name) : null;

    function tell(message) {
      if (channel) { channel.postMessage(Object.assign({ tab: me }, message)); }
    }
    function received(event) {
      var message = event.data;
      if (message.type === 'open') { tell({ type: 'here' }); }
      if (message.type === 'closed') { others.delete(message.tab); } else { others.add(message.tab); }
      heard(message);
    }

    if (channel) { channel.onmessage = received; }
    tell({ type: 'open' });
    return {
      tell: tell,
      leave: function () { tell({ type: 'closed' }); },
      count: function () { return others.size; }
    };
  }

  window.Tabs = { start: start };
})();
