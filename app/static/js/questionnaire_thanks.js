/* After a submission this browser forgets what it kept of the answers. */
(function () {
  'use strict';
  const data = JSON.parse(document.getElementById('answer-data').textContent);
  window.Drafts.forget([data.account, data.report, data.section, data.form_version].join(':'));
}());
