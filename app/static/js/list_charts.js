/* The chart of a list: drawn by ECharts from the block beside it, read by keyboard, kept as PNG or SVG. */
(function () {
  'use strict';

  const COLOURS = ['#1F56A5', '#D98E12', '#3A9D94', '#8A6BB5', '#C2574B', '#7F8B99'];
  const INKS = ['#FFFFFF', '#1A2433', '#1A2433', '#FFFFFF', '#FFFFFF', '#1A2433']; // read on each of them
  const TEXT = '#46515F';
  const FAINT = '#5A6573';
  const LINE = '#CDD4DC';
  const GRID = '#ECEFF3';
  const NOTHING = '#F4F6F8';
  const SCALES = { above: [[217, 230, 247], [31, 86, 165]], below: [[250, 236, 212], [217, 142, 18]] };
  const DARK = 0.55; // from this depth on the words on a tile are white
  const FONT = getComputedStyle(document.body).fontFamily;
  const MOST_COLUMNS = 12;
  const SQUARE = 'rect';
  const ROW = 26;
  const TILE = 64;
  const NARROWEST_TILE = 58;
  const TALLEST_SHARP = 6000; // beyond, twice the pixels would be more than a canvas holds
  const text = { fontFamily: FONT, fontSize: 12, color: TEXT };
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;

  const said = (block, series, place) => series.texts[place] || block.missing;
  const shortened = (words, most) => (words.length > most ? words.slice(0, most - 1) + '…' : words);

  function tooltip(block) {
    return {
      trigger: 'item',
      confine: true,
      renderMode: 'richText', // an HTML tooltip would need inline styles
      textStyle: text,
      formatter: function (point) {
        const series = block.series[point.seriesIndex] || block.series[0];
        const place = point.data && point.data.place !== undefined ? point.data.place : point.dataIndex;
        return `${block.labels[place]}\n${series.name}: ${said(block, series, place)}`;
      },
    };
  }

  function datum(block, series, place, label) {
    return { value: series.values[place], place, label: { formatter: said(block, series, place), ...label } };
  }

  function shell(block, more) {
    return {
      color: COLOURS,
      textStyle: { fontFamily: FONT },
      animation: false,
      tooltip: tooltip(block),
      legend: block.series.length > 1 && block.kind !== 'line' ? { top: 4, left: 'center', textStyle: text, icon: SQUARE, itemWidth: 10, itemHeight: 10 } : undefined,
      ...more,
    };
  }

  const top = (block) => (block.series.length > 1 ? 36 : 12);
  const marked = (value) => value.toLocaleString('en-US').replace('-', '−');
  const valueAxis = (more) => ({ type: 'value', axisLabel: { ...text, hideOverlap: true, formatter: marked }, splitLine: { lineStyle: { color: GRID } }, ...more });
  const nameAxis = (names, more) => ({ type: 'category', data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } }, ...more, axisLabel: { ...text, ...more.axisLabel } });

  // Columns stand only where the figure above each of them can be read.
  const isUpright = (block, room) => block.labels.length * block.series.length <= MOST_COLUMNS && room >= 640;

  // Bars begin at nought: a shorter axis would make small differences look large.
  function bars(block, room) {
    const ranked = block.kind === 'ranking';
    const order = ranked ? block.order : block.labels.map((_name, place) => place);
    const upright = !ranked && isUpright(block, room);
    const most = room < 500 ? 8 : 16;
    const name = (place) => shortened(block.labels[place], upright ? 10 : most);
    const names = order.map((place) => (ranked ? `${block.ranks[place] === null ? '—' : block.ranks[place]}  ${name(place)}` : name(place)));
    const side = (value) => (upright ? (value < 0 ? 'bottom' : 'top') : (value < 0 ? 'left' : 'right'));
    const series = block.series.map((one) => ({
      type: 'bar',
      name: one.name,
      barMaxWidth: upright ? 36 : 16,
      barGap: '8%',
      cursor: one.urls.some(Boolean) ? 'pointer' : 'default',
      label: { show: true, ...text },
      labelLayout: { hideOverlap: true },
      data: order.map((place) => datum(block, one, place, { position: side(one.values[place]) })),
    }));
    const named = nameAxis(names, { inverse: !upright, axisLabel: { interval: 0 } });
    const grid = { left: 12, right: upright ? 16 : 88, top: top(block) + (upright ? 12 : 0), bottom: 12, containLabel: true };
    // what is below nought needs the room of its figure on the left too
    const below = block.series.some((one) => one.values.some((value) => value < 0));
    // counts get no marks between whole numbers
    const whole = block.series.every((one) => one.values.every((value) => value === null || Number.isInteger(value)));
    const along = upright ? {} : { splitNumber: room < 500 ? 3 : 5, boundaryGap: below ? ['12%', 0] : undefined };
    const axis = valueAxis({ minInterval: whole ? 1 : 0, ...along });
    return shell(block, upright ? { grid, xAxis: named, yAxis: axis, series } : { grid, yAxis: named, xAxis: axis, series });
  }

  function lines(block, room) {
    const series = block.series.map((one) => {
      const last = one.values.reduce((found, value, place) => (value === null ? found : place), -1);
      return {
        type: 'line',
        name: one.name,
        connectNulls: false,
        symbolSize: 7,
        cursor: 'pointer',
        data: one.values.map((_value, place) => datum(block, one, place, { show: false })),
        endLabel: { ...text, show: last >= 0, color: 'inherit', formatter: block.series.length > 1 ? `${shortened(one.name, 8)} ${one.texts[last]}` : one.texts[last] },
        labelLayout: { moveOverlap: 'shiftY' },
      };
    });
    return shell(block, {
      grid: { left: 12, right: room < 500 ? 84 : 140, top: 16, bottom: 12, containLabel: true },
      xAxis: nameAxis(block.labels, { boundaryGap: false, axisLabel: { hideOverlap: true } }),
      yAxis: valueAxis({ scale: true }),
      series,
    });
  }

  // Parts of a whole; a row of which a part is missing or below nought has none, since its whole is not known.
  function shares(block, room) {
    const whole = block.labels.map((_name, place) => {
      const parts = block.series.map((one) => one.values[place]);
      return parts.some((part) => part === null || part < 0) ? 0 : parts.reduce((sum, part) => sum + part, 0);
    });
    const share = (one, place) => (whole[place] > 0 ? (100 * one.values[place]) / whole[place] : null);
    const series = block.series.map((one, number) => ({
      type: 'bar',
      stack: 'whole',
      name: one.name,
      barMaxWidth: 18,
      cursor: one.urls.some(Boolean) ? 'pointer' : 'default',
      data: block.labels.map((_name, place) => {
        const part = share(one, place);
        return { value: part, place, label: { show: part !== null && part >= (room < 500 ? 16 : 6), formatter: part === null ? '' : `${part.toFixed(1)}%` } };
      }),
      label: { ...text, color: INKS[number % INKS.length] },
    }));
    return shell(block, {
      grid: { left: 12, right: 24, top: top(block), bottom: 12, containLabel: true },
      yAxis: nameAxis(block.labels.map((words) => shortened(words, room < 500 ? 8 : 16)), { inverse: true, axisLabel: { interval: 0 } }),
      xAxis: valueAxis({ max: 100, axisLabel: { ...text, formatter: '{value}%' } }),
      series,
    });
  }

  // How deep the colour of a value is: by its share of the largest on the same side of nought.
  function depths(values) {
    const largest = Math.max(...values.map((value) => Math.abs(value || 0)), 0) || 1;
    return values.map((value) => (value === null ? null : Math.abs(value) / largest));
  }

  function shade(value, depth) {
    if (depth === null) return NOTHING;
    const [pale, deep] = value < 0 ? SCALES.below : SCALES.above;
    return `rgb(${pale.map((from, part) => Math.round(from + (deep[part] - from) * depth)).join(',')})`;
  }

  const ink = (value, depth) => (depth !== null && value >= 0 && depth >= DARK ? '#FFFFFF' : '#1A2433');

  function tiles(block) {
    const one = block.series[0];
    const deep = depths(one.values);
    const wide = Math.max(...block.places.map((place) => place[0])) + 1;
    const high = Math.max(...block.places.map((place) => place[1])) + 1;
    const lines = (count) => Array.from({ length: count }, (_none, place) => String(place));
    const hidden = (count, inverse) => ({ type: 'category', data: lines(count), show: false, inverse });
    return shell(block, {
      grid: { left: 2, right: 2, top: 8, bottom: 8 },
      xAxis: hidden(wide, false),
      yAxis: hidden(high, true),
      series: [{
        type: 'custom',
        name: one.name,
        cursor: one.urls.some(Boolean) ? 'pointer' : 'default',
        data: block.places.map((place, row) => ({ value: place, place: row })),
        renderItem: function (params, api) {
          const [x, y] = api.coord([api.value(0), api.value(1)]);
          const [width, height] = api.size([1, 1]);
          const row = params.dataIndex;
          const fill = ink(one.values[row], deep[row]);
          const words = { x, align: 'center', fontFamily: FONT, fill, width: width - 8, overflow: 'truncate' };
          return {
            type: 'group',
            children: [
              { type: 'rect', shape: { x: x - width / 2 + 2, y: y - height / 2 + 2, width: width - 4, height: height - 4, r: 4 }, style: { fill: shade(one.values[row], deep[row]), stroke: LINE, lineWidth: deep[row] === null ? 1 : 0 } },
              { type: 'text', style: { ...words, y: y - 16, text: block.labels[row], font: `12px ${FONT}` } },
              { type: 'text', style: { ...words, y: y + 4, text: one.texts[row] || '—', font: `600 ${width < 90 ? 11 : 13}px ${FONT}` } },
            ],
          };
        },
      }],
    });
  }

  function shapes(block) {
    const one = block.series[0];
    const deep = depths(one.values);
    return shell(block, {
      series: [{
        type: 'map',
        map: block.map,
        nameProperty: 'code',
        name: one.name,
        selectedMode: false,
        aspectScale: 0.85,
        itemStyle: { areaColor: NOTHING, borderColor: '#8B96A3', borderWidth: 0.6 },
        label: { show: true, ...text, fontSize: 11, formatter: '' },
        labelLayout: { hideOverlap: true },
        emphasis: { label: { show: true }, itemStyle: { areaColor: '#EFF4FB' } },
        data: block.codes.map((code, place) => ({
          name: code,
          value: one.values[place],
          place,
          itemStyle: { areaColor: shade(one.values[place], deep[place]) },
          emphasis: { itemStyle: { areaColor: shade(one.values[place], deep[place]) } },
          label: { color: ink(one.values[place], deep[place]), formatter: `${block.labels[place]}\n${one.texts[place] || '—'}` },
        })),
      }],
    });
  }

  const KINDS = { bar: bars, ranking: bars, line: lines, share: shares, tiles, map: shapes };

  function sizeFor(block, room) {
    const rows = block.labels.length;
    const beside = block.kind === 'bar' ? block.series.length : 1;
    if (block.kind === 'tiles') {
      const wide = Math.max(...block.places.map((place) => place[0])) + 1;
      const high = Math.max(...block.places.map((place) => place[1])) + 1;
      return { width: Math.max(Math.min(room, wide * 148), wide * NARROWEST_TILE), height: high * TILE + 16 };
    }
    if (block.kind === 'map') return { width: room, height: Math.max(320, Math.min(room * 0.72, 560)) };
    if (block.kind === 'line') return { width: room, height: room < 500 ? 260 : 340 };
    if (block.kind === 'bar' && isUpright(block, room)) return { width: room, height: 340 };
    return { width: room, height: top(block) + 48 + rows * Math.max(ROW, beside * 19 + 8) };
  }

  const sharpness = (height) => (height > TALLEST_SHARP ? 1 : undefined);
  const options = (block, width) => KINDS[block.kind](block, width);

  // A file stands by itself: it carries the title, the figure and the day.
  function fileOptions(block, size) {
    const head = { text: block.title, subtext: `${block.measure}  ${block.day}`, left: 12, top: 8, textStyle: { fontFamily: FONT, fontSize: 16, color: '#1A2433' }, subtextStyle: { ...text, color: FAINT } };
    const made = { ...options(block, size.width), title: head, animation: false, backgroundColor: '#FFFFFF' };
    if (made.grid) made.grid = { ...made.grid, top: made.grid.top + 56 };
    if (made.legend) made.legend = { ...made.legend, top: 60 };
    if (block.kind === 'map') made.series[0].top = 64;
    return made;
  }

  function asFile(block, kind) {
    const size = sizeFor(block, 960);
    const whole = { width: Math.max(size.width, 480), height: size.height + 56 };
    const vector = kind === 'svg';
    const drawn = window.echarts.init(vector ? null : document.createElement('div'), null, vector ? { renderer: 'svg', ssr: true, ...whole } : whole);
    drawn.setOption(fileOptions(block, whole));
    const made = vector ? new Blob([drawn.renderToSVGString()], { type: 'image/svg+xml' }) : bytesOf(drawn.getDataURL({ type: 'png', pixelRatio: sharpness(whole.height) || 2 }));
    drawn.dispose();
    return made;
  }

  function bytesOf(url) {
    const signs = atob(url.slice(url.indexOf(',') + 1));
    return new Blob([Uint8Array.from(signs, (sign) => sign.charCodeAt(0))], { type: 'image/png' });
  }

  function keep(blob, name) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }

  // Values in the order in which they are seen: row by row, in a row series by series.
  function walk(block) {
    const order = block.kind === 'ranking' ? block.order : block.labels.map((_name, place) => place);
    return order.flatMap((place, index) => block.series.map((series, number) => ({ place, index, series, number })));
  }

  function byKeyboard(box, block, drawn, live) {
    const points = walk(block);
    let at = -1;
    function show(next) {
      at = Math.max(0, Math.min(points.length - 1, next));
      const { place, index, series, number } = points[at];
      drawn().dispatchAction({ type: 'downplay' });
      drawn().dispatchAction({ type: 'highlight', seriesIndex: number, dataIndex: index });
      drawn().dispatchAction({ type: 'showTip', seriesIndex: number, dataIndex: index });
      live.textContent = `${block.labels[place]}, ${series.name}: ${said(block, series, place)}`;
    }
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    box.addEventListener('keydown', function (event) {
      if (event.key in steps) {
        event.preventDefault();
        show(at < 0 && steps[event.key] === 1 ? 0 : at + steps[event.key]);
      } else if (event.key === 'Enter' && at >= 0) {
        open(points[at].series.urls[points[at].place]);
      }
    });
    box.addEventListener('blur', function () { drawn().dispatchAction({ type: 'hideTip' }); });
  }

  function open(url) {
    if (url) window.location.assign(url);
  }

  function init(box) {
    const block = JSON.parse(document.getElementById(box.dataset.listChart).textContent);
    const host = document.createElement('div');
    box.append(host);
    let chart = null;
    function draw() {
      const size = sizeFor(block, box.clientWidth);
      if (chart) chart.dispose();
      delete box.dataset.drawn;
      chart = window.echarts.init(host, null, { ...size, devicePixelRatio: sharpness(size.height) });
      chart.on('finished', function () { box.dataset.drawn = 'whole'; });
      chart.setOption({ ...options(block, size.width), animation: !calm && block.labels.length <= 60 });
      chart.on('click', function (event) {
        const series = block.series[event.seriesIndex];
        const place = event.data && event.data.place;
        if (series && place !== undefined) open(series.urls[place]);
      });
    }
    function ready() {
      draw();
      let width = box.clientWidth;
      window.addEventListener('resize', function () {
        if (box.clientWidth !== width) { width = box.clientWidth; draw(); }
      });
      byKeyboard(box, block, () => chart, document.querySelector('[data-chart-said]'));
      document.querySelectorAll('[data-chart-file]').forEach(function (button) {
        const kind = button.dataset.chartFile;
        button.addEventListener('click', function () { keep(asFile(block, kind), `${block.file}.${kind}`); });
      });
      document.querySelector('[data-chart-files]').hidden = false;
    }
    if (!block.map) { ready(); return; }
    fetch(block.map, { headers: { Accept: 'application/json' } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`map: ${answer.status}`))))
      .then(function (found) { window.echarts.registerMap(block.map, found); ready(); })
      // without the map the same figures stand in the table below; the page says so
      .catch(function () { document.querySelector('[data-chart-said]').classList.remove('qj-sr'); document.querySelector('[data-chart-said]').textContent = block.unreached; });
  }

  document.querySelectorAll('[data-list-chart]').forEach(init);
}());
