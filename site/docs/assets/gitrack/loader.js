// Data arrives as classic scripts that call gitrack.put(…): the one way that works from a disk,
// from any server and below any path. load() asks for one, put() hands over what it brought.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const asked = new Map(); // absolute URL → promise of what the script put
  const arrived = new Map(); // absolute URL → what it put, until its load event

  function readPage() {
    const element = document.getElementById('gt-page');
    const page = element ? JSON.parse(element.textContent) : {};
    page.root = new URL((page.base || '.') + '/', location.href);
    return page;
  }

  gitrack.page = readPage();

  /** Make a URL of a path below the site's root; the path's parts are not encoded yet. */
  gitrack.url = function (path) {
    return new URL(path.split('/').map(encodeURIComponent).join('/'), gitrack.page.root).href;
  };

  /** The address of a file below the site's root, to show it. */
  gitrack.fileUrl = function (path) {
    const own = carried(path);
    return own ? own.textContent : gitrack.url(path);
  };

  gitrack.put = function (data) {
    const script = document.currentScript;
    if (script) arrived.set(script.src || script.dataset.gtUrl, data);
  };

  /** The script, or the file as a data URL, that the page carries itself: a report in one file has no other. */
  const carried = (path) => document.querySelector(`script[type="text/plain"][data-gt-path="${CSS.escape(path)}"]`);

  /** Run such a script; it has no address to be known by. */
  function run(path, url, text) {
    const script = document.createElement('script');
    script.dataset.gtUrl = url;
    script.textContent = text;
    document.head.append(script);
    script.remove();
    const data = arrived.get(url);
    arrived.delete(url);
    return data === undefined ? Promise.reject(new LoadError(path)) : Promise.resolve(data);
  }

  class LoadError extends Error {
    constructor(path) {
      super(`${path} could not be loaded`);
      this.path = path;
    }
  }

  function request(path, url) {
    const own = carried(path);
    if (own) return run(path, url, own.textContent);
    return new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.async = true;
      script.src = url;
      script.addEventListener('load', () => {
        const data = arrived.get(script.src);
        arrived.delete(script.src);
        script.remove();
        if (data === undefined) reject(new LoadError(path));
        else resolve(data);
      });
      script.addEventListener('error', () => {
        script.remove();
        reject(new LoadError(path));
      });
      document.head.append(script);
    });
  }

  /**
   * Load a data script by its path below the site's root, once; a failed one is asked for again
   * by the next call.
   */
  gitrack.load = function (path) {
    const url = gitrack.url(path);
    if (!asked.has(url)) {
      const promise = request(path, url);
      promise.catch(() => asked.delete(url));
      asked.set(url, promise);
    }
    return asked.get(url);
  };

  /** Let go of what a data script brought; who wants it again loads it again. */
  gitrack.forget = (path) => asked.delete(gitrack.url(path));

  /** Load a plain script, one that does not call put(). */
  gitrack.loadScript = function (path) {
    return request(path, gitrack.url(path)).catch((error) => {
      if (!(error instanceof LoadError)) throw error;
    });
  };

  /** Load a project's index. */
  gitrack.loadIndex = async (path) => gitrack.unpackIndex(await gitrack.load(path));

  gitrack.LoadError = LoadError;
})();
