// What can stand on the x axis, and how a place on it is written.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const KINDS = [
    { key: '_step', label: 'step', short: 'step', name: 'Step', kind: 'number', metric: null },
    { key: '_runtime', label: 'relative time', short: 'after', name: 'Relative time', kind: 'span', metric: '_runtime' },
    { key: '_timestamp', label: 'wall time', short: 'at', name: 'Wall time', kind: 'moment', metric: '_timestamp' },
  ];

  const brief = (value) => {
    const size = Math.abs(value);
    if (size >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
    if (size >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
    return gitrack.format.number(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  };

  const WRITE = {
    number: [(value) => brief(Math.abs(value) > 100 ? Math.round(value) : value), (value) => gitrack.format.number(Math.abs(value) > 100 ? Math.round(value) : Number(value.toPrecision(4)))],
    span: [gitrack.format.duration, gitrack.format.duration],
    moment: [(value) => gitrack.format.moment(value).replace(/ \d{4},/, ','), gitrack.format.moment],
  };

  /** The x axis that a state's `x` names; steps if the project has no such metric. */
  gitrack.axis = function (key, project) {
    const known = KINDS.find((kind) => kind.key === key && (!kind.metric || project.metricByName.has(kind.metric)));
    const metric = project.metricByName.has(key);
    const axis = known || (metric ? { key, label: key, short: key, name: key, kind: 'number', metric: key } : KINDS[0]);
    const [write, writeLong] = WRITE[axis.kind];
    return { ...axis, write, writeLong };
  };

  gitrack.axis.choices = function (project) {
    const timed = KINDS.filter((kind) => !kind.metric || project.metricByName.has(kind.metric));
    return [...timed, ...project.metrics.map((metric) => ({ key: metric.name, name: metric.name }))];
  };
})();
