// Frames for what was logged and may run: an origin of their own, nothing to load, nowhere to go.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const DATA = "style-src 'unsafe-inline'; img-src data: blob:; media-src data: blob:; font-src data:";
  // Nothing but what the page itself brings: no request leaves a sandbox.
  const POLICY = `default-src 'none'; script-src 'unsafe-inline'; ${DATA}`;
  // The engines compile what they draw (Plotly), or what a figure's author wrote (Bokeh's CustomJS).
  const DRAWING = `default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; worker-src blob:; ${DATA}`;
  const [LOWEST, HIGHEST] = [120, 1200]; // pixels of a figure's frame

  // A frame's policy does not keep it from leading itself elsewhere: that of every page does (main.html).
  function frame(policy, html, title) {
    const head = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">`;
    return el('iframe', { class: 'gt-media__page', sandbox: 'allow-scripts', srcdoc: head + html, title, referrerpolicy: 'no-referrer' });
  }

  /** A page that was logged: it may draw and run, and reach neither this page nor any other. */
  gitrack.sandbox = (html, title) => frame(POLICY, html, title);

  // Runs inside the frame: takes the engine's text and the figure's from the page around it, and
  // tells it the height, or what went wrong. What draws is chosen here, the figure is data alone.
  const INSIDE = `<style>html,body{margin:0;background:#fff;color:#171a1f;font:13px sans-serif}#figure{width:100%}</style>
<div id="figure"></div><script>
addEventListener('message', async function begin(event) {
  if (event.source !== parent) return;
  removeEventListener('message', begin);
  const tell = (told) => parent.postMessage(told, '*');
  const place = document.getElementById('figure');
  try {
    for (const code of event.data.code) {
      const script = document.createElement('script');
      script.textContent = code;
      document.head.append(script);
    }
    const figure = JSON.parse(event.data.json);
    if (event.data.kind === 'bokeh') await Bokeh.embed.embed_item(figure, place);
    else {
      const layout = {...figure.layout};
      delete layout.width;
      layout.autosize = true;
      await Plotly.newPlot(place, figure.data, layout, {responsive: true, displaylogo: false, showSendToCloud: false, plotlyServerURL: ''});
    }
    tell({drawn: true});
  } catch (error) {
    tell({failed: String(error && error.message || error).slice(0, 300)});
  }
  const measure = () => tell({height: Math.ceil(place.getBoundingClientRect().height)});
  new ResizeObserver(measure).observe(place);
  measure();
});
</script>`;

  /**
   * A figure in a frame of its own: {kind: "bokeh" or "plotly", json, code: texts of its engine}.
   * The promise `frame.drawn` ends when it is drawn, and fails with what the engine said.
   */
  gitrack.figureFrame = function ({ kind, json, code }, title) {
    const made = frame(DRAWING, INSIDE, title);
    made.classList.add('gt-figure');
    made.drawn = new Promise((done, fail) => {
      const listen = ({ source, data }) => {
        if (!made.isConnected) removeEventListener('message', listen);
        if (source !== made.contentWindow || !data || typeof data !== 'object') return;
        if (Number.isFinite(data.height)) made.style.height = `${Math.min(HIGHEST, Math.max(LOWEST, data.height + 8))}px`;
        if (data.drawn === true) done();
        if (typeof data.failed === 'string') fail(new Error(data.failed));
      };
      addEventListener('message', listen);
    });
    made.addEventListener('load', () => made.contentWindow.postMessage({ kind, json, code }, '*'), { once: true });
    return made;
  };
})();
