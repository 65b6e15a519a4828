/* Draws the flow of a questionnaire from #qb-flow: {nodes: [{id, kind, label, text, note, url, warn, on, passed}],
 * edges: [{from, to, label, on, passed}]}. The table beneath says the same to readers; this hides it. */
(function () {
  'use strict';

  const NS = 'http://www.w3.org/2000/svg';
  const SIZES = { start: [64, 28], end: [96, 30], question: [196, 52], section: [196, 52] };
  const STEPS = [25, 33, 50, 67, 75, 90, 100, 110, 125, 150, 200];
  const ROUND = 8;
  const { find } = window.qj;
  let zoom = 100;
  let size = null;

  function draw(name, attributes, text) {
    const node = document.createElementNS(NS, name);
    Object.keys(attributes || {}).forEach((key) => node.setAttribute(key, attributes[key]));
    if (text !== undefined) node.textContent = text;
    return node;
  }
  /* Width of a text of 12 or 13 px: a Chinese sign is square, others about half. */
  function wide(text, fontSize) {
    return Array.from(text).reduce((sum, sign) => sum + (sign.charCodeAt(0) > 0x2e7f ? fontSize : fontSize * 0.56), 0);
  }
  function shortened(text, room, fontSize) {
    if (wide(text, fontSize) <= room) return text;
    let kept = '';
    for (const sign of text) {
      if (wide(kept + sign + '…', fontSize) > room) break;
      kept += sign;
    }
    return kept + '…';
  }

  function layout(flow) {
    const graph = new window.dagre.graphlib.Graph({ multigraph: true });
    graph.setGraph({ rankdir: 'TB', nodesep: 36, edgesep: 24, ranksep: 42, marginx: 24, marginy: 16 });
    flow.nodes.forEach(function (node) {
      const [width, height] = SIZES[node.kind];
      graph.setNode(node.id, { width: width, height: height });
    });
    flow.edges.forEach(function (edge, at) {
      const text = edge.label ? shortened(edge.label, 150, 12) : '';
      graph.setEdge(edge.from, edge.to, text ? { width: wide(text, 12) + 20, height: 22, labelpos: 'c' } : {}, String(at));
    });
    window.dagre.layout(graph);
    return graph;
  }

  /* Down, across and down again between the points, with round corners. */
  function pathOf(points) {
    let path = 'M' + points[0].x + ' ' + points[0].y;
    for (let at = 1; at < points.length; at += 1) {
      const from = points[at - 1];
      const to = points[at];
      const across = to.x - from.x;
      const down = to.y - from.y;
      if (Math.abs(across) < 1) { path += 'V' + to.y; continue; }
      const middle = from.y + down / 2;
      const round = Math.min(ROUND, Math.abs(across) / 2, Math.abs(down) / 2);
      const side = Math.sign(across);
      path += 'V' + (middle - round) + 'Q' + from.x + ' ' + middle + ' ' + (from.x + side * round) + ' ' + middle +
        'H' + (to.x - side * round) + 'Q' + to.x + ' ' + middle + ' ' + to.x + ' ' + (middle + round) + 'V' + to.y;
    }
    return path;
  }
  const within = (value, middle, half) => Math.min(Math.max(value, middle - half), middle + half);

  function pointsOf(graph, key) {
    const points = graph.edge(key).points.slice(1, -1).map((point) => ({ x: point.x, y: point.y }));
    const from = graph.node(key.v);
    const to = graph.node(key.w);
    const next = points[0] || to;
    const last = points[points.length - 1] || from;
    points.unshift({ x: within(next.x, from.x, from.width / 2 - 14), y: from.y + from.height / 2 });
    points.push({ x: within(last.x, to.x, to.width / 2 - 14), y: to.y - to.height / 2 - 2 });
    return points;
  }
  function edgeOf(graph, key, edge) {
    const laid = graph.edge(key);
    const group = draw('g', { class: 'edge ' + edge.kind + (edge.on ? ' on' : '') + (edge.passed ? ' passed' : '') });
    group.append(draw('path', { d: pathOf(pointsOf(graph, key)), 'marker-end': 'url(#qb-tip' + (edge.on ? '-on' : '') + ')' }));
    if (edge.label) {
      const label = draw('g', { class: 'label' });
      label.append(draw('title', {}, edge.label),
        draw('rect', { x: laid.x - laid.width / 2, y: laid.y - 11, width: laid.width, height: 22, rx: 11 }),
        draw('text', { x: laid.x, y: laid.y + 4, 'text-anchor': 'middle' }, shortened(edge.label, 150, 12)));
      group.append(label);
    }
    return group;
  }
  function nodeOf(graph, node) {
    const laid = graph.node(node.id);
    const left = laid.x - laid.width / 2;
    const top = laid.y - laid.height / 2;
    const marks = (node.on ? ' on' : '') + (node.passed ? ' passed' : '');
    if (node.kind === 'start' || node.kind === 'end') {
      const pill = draw('g', { class: 'pill ' + node.kind + marks });
      pill.append(draw('rect', { x: left, y: top, width: laid.width, height: laid.height, rx: laid.height / 2 }),
        draw('text', { x: laid.x, y: laid.y + 5, 'text-anchor': 'middle' }, node.text));
      return pill;
    }
    const link = draw('a', { href: node.url, class: 'node' + marks });
    if (node.on) link.setAttribute('aria-current', 'true');
    if (!node.reached) link.classList.add('lost');
    link.append(draw('rect', { class: 'box', x: left, y: top, width: laid.width, height: laid.height, rx: 6 }),
      draw('path', { class: 'head', d: 'M' + (left + 6) + ' ' + top + 'h30v52h-30a6 6 0 0 1 -6 -6v-40a6 6 0 0 1 6 -6z' }),
      draw('text', { class: 'code', x: left + 18, y: laid.y + 5, 'text-anchor': 'middle' }, node.label),
      draw('text', { class: 'words', x: left + 44, y: top + 22 }, shortened(node.text, 144, 13)),
      draw('text', { class: 'note', x: left + 44, y: top + 41 }, shortened(node.note, 136, 12)));
    if (node.warn) link.append(draw('circle', { class: 'warn ' + node.warn, cx: left + laid.width - 14, cy: laid.y, r: 4 }));
    return link;
  }
  function tip(id) {
    const marker = draw('marker', { id: id, viewBox: '0 0 8 8', refX: 6, refY: 4, markerWidth: 7, markerHeight: 7, markerUnits: 'userSpaceOnUse', orient: 'auto' });
    marker.append(draw('path', { d: 'M0 0L8 4L0 8z' }));
    return marker;
  }

  function show() {
    const canvas = find('#qb-drawing');
    const data = document.getElementById('qb-flow');
    if (!canvas || !data || !window.dagre) return;
    const flow = JSON.parse(data.textContent);
    const graph = layout(flow);
    size = graph.graph();
    const svg = draw('svg', { viewBox: '0 0 ' + size.width + ' ' + size.height, role: 'group', 'aria-label': canvas.dataset.title });
    const defs = draw('defs');
    defs.append(tip('qb-tip'), tip('qb-tip-on'));
    svg.append(defs);
    const keys = graph.edges();
    const rank = (key) => (flow.edges[Number(key.name)].on ? 2 : flow.edges[Number(key.name)].passed ? 1 : 0);
    keys.sort((a, b) => rank(a) - rank(b)).forEach((key) => svg.append(edgeOf(graph, key, flow.edges[Number(key.name)])));
    flow.nodes.forEach((node) => svg.append(nodeOf(graph, node)));
    canvas.replaceChildren(svg);
    setZoom(zoom);
    const table = find('#qb-flow-table');
    if (table && !table.dataset.kept) { table.open = false; table.dataset.kept = ''; }
  }

  function setZoom(percent) {
    zoom = percent;
    const svg = find('#qb-drawing svg');
    svg.setAttribute('width', Math.round(size.width * zoom / 100));
    svg.setAttribute('height', Math.round(size.height * zoom / 100));
    find('#qb-zoom-now').textContent = Math.round(zoom) + '%';
  }
  function fit() {
    const canvas = find('#qb-middle');
    setZoom(Math.max(20, Math.min(100, (canvas.clientWidth - 20) / size.width * 100, (canvas.clientHeight - 20) / size.height * 100)));
    canvas.scrollTo(0, 0);
  }
  function step(by) {
    const beyond = by > 0 ? STEPS.find((one) => one > zoom + 0.5) : STEPS.filter((one) => one < zoom - 0.5).pop();
    if (beyond) setZoom(beyond);
  }

  document.addEventListener('click', function (event) {
    const button = event.target.closest('[data-zoom]');
    if (!button) return;
    const wanted = button.dataset.zoom;
    if (wanted === 'fit') { fit(); } else if (wanted === 'whole') { setZoom(100); } else { step(Number(wanted)); }
  });
  document.addEventListener('keydown', function (event) {
    if (!event.target.closest('#qb-middle') || event.target.matches('input, select, textarea') || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { '+': 1, '=': 1, '-': -1 }[event.key];
    if (by) { event.preventDefault(); step(by); }
    if (event.key === '0') { event.preventDefault(); fit(); }
  });
  document.addEventListener('qb:swapped', show);

  find('#qb-tools').hidden = false;
  show();
  const on = find('#qb-drawing .node.on');
  if (on) on.scrollIntoView({ block: 'nearest', inline: 'center' });
})();
