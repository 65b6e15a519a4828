/* Charts: draws each .qj-chart from the JSON block that it names, with ECharts; the table stays for readers. */
(function () {
  'use strict';

  const { find, findAll } = window.qj;
  const COLOURS = ['#1F56A5', '#D98E12', '#3A9D94', '#8A6BB5', '#C2574B', '#7F8B99'];
  const LINES = ['LineChart', 'AreaChart'];
  const FONT = getComputedStyle(document.body).fontFamily;

  const textStyle = { fontFamily: FONT, fontSize: 12, color: '#46515F' };

  // Counts get no marks between whole numbers.
  function axes(labels, whole) {
    return {
      grid: { left: 16, right: 40, top: 40, bottom: 16, containLabel: true },
      xAxis: { type: 'category', data: labels, axisLabel: textStyle, axisLine: { lineStyle: { color: '#CDD4DC' } } },
      // Bars begin at nought: a shorter axis would make small differences look large.
      yAxis: { type: 'value', minInterval: whole ? 1 : 0, axisLabel: textStyle, splitLine: { lineStyle: { color: '#ECEFF3' } } },
    };
  }

  function seriesOf(data, kind) {
    return data.cols.slice(1).map(function (col, place) {
      return {
        name: col.label,
        type: LINES.includes(kind) ? 'line' : 'bar',
        data: data.rows.map((row) => row.c[place + 1].v),
        barMaxWidth: 36,
        areaStyle: kind === 'AreaChart' ? { opacity: 0.12 } : undefined,
        label: { show: data.rows.length <= 12 && data.cols.length === 2, position: kind === 'BarChart' ? 'right' : 'top', ...textStyle },
      };
    });
  }

  function pie(data, labels) {
    return {
      series: [{
        type: 'pie',
        radius: ['36%', '66%'],
        label: { ...textStyle, formatter: '{b} {c} ({d}%)' },
        data: labels.map((name, place) => ({ name, value: data.rows[place].c[1].v })),
      }],
    };
  }

  function optionsFor(chart) {
    const { data, kind } = chart;
    const labels = data.rows.map((row) => String(row.c[0].v));
    const common = {
      color: COLOURS,
      textStyle: { fontFamily: FONT },
      animation: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
      // Rich text is drawn on the canvas; an HTML tooltip would need inline styles.
      tooltip: { trigger: kind === 'PieChart' ? 'item' : 'axis', renderMode: 'richText', textStyle },
      legend: data.cols.length > 2 ? { top: 8, textStyle } : undefined,
    };
    if (kind === 'PieChart') return Object.assign(common, pie(data, labels));
    const values = data.rows.flatMap((row) => row.c.slice(1).map((cell) => cell.v ?? 0));
    const base = Object.assign(common, axes(labels, values.every(Number.isInteger)), { series: seriesOf(data, kind) });
    if (kind === 'BarChart') [base.xAxis, base.yAxis] = [base.yAxis, Object.assign(base.xAxis, { inverse: true })];
    return base;
  }

  function draw(box) {
    const block = document.getElementById(box.dataset.chart);
    if (!block || !window.echarts) return;
    const chart = JSON.parse(block.textContent);
    const drawn = window.echarts.init(box, null, { renderer: 'canvas' });
    drawn.setOption(chart.options || optionsFor(chart));
    drawn.on('click', function (event) {
      const row = chart.data && chart.data.rows[event.dataIndex];
      if (row && row.c[0].url) window.location.assign(row.c[0].url);
    });
    window.addEventListener('resize', function () { drawn.resize(); });
  }

  if (find('.qj-chart')) findAll('.qj-chart').forEach(draw);
}());
