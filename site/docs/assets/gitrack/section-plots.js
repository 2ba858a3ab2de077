(function () { gitrack.sections.plots = function () {}; })();
