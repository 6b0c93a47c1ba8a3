// Draws every figure of the page with Plotly, in the colours of the page, and again when those change. No figure brings
// colours of its own: a series has that of its place, and where there are several also a line, a mark or a hatching.
const SETTINGS = { responsive: true, displayModeBar: false };
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];
const MARKS = ["circle", "square", "diamond", "triangle-up", "x"];
const HATCHINGS = ["", "/", ".", "x", "-"];

function colours() {
  const style = getComputedStyle(document.documentElement);
  const named = (name) => style.getPropertyValue(name).trim();
  const series = [1, 2, 3, 4, 5].map((place) => named(`--series-${place}`));
  const scale = [[0, named("--scale-low")], [1, named("--scale-high")]];
  const [text, quiet, line, surface, font] = ["--text", "--quiet", "--line", "--surface", "--font"].map(named);
  return { series, scale, text, quiet, line, surface, font };
}

function painted(trace, place, several, colour) {
  const own = trace.meta?.role === "limit" ? colour.quiet : colour.series[place % colour.series.length];
  if (["contour", "heatmap"].includes(trace.type)) return { ...trace, colorscale: colour.scale, showlegend: true, line: { ...trace.line, color: own } };
  if (trace.type === "bar") return { ...trace, marker: { ...trace.marker, color: own, pattern: several ? hatching(place, own, colour) : {} } };
  const marker = { ...trace.marker, color: own, symbol: trace.marker?.symbol || MARKS[several ? place % MARKS.length : 0] };
  const line = { ...trace.line, color: own, dash: trace.line?.dash || DASHES[several ? place % DASHES.length : 0] };
  return { ...trace, marker, line };
}

function hatching(place, own, colour) {
  return { shape: HATCHINGS[place % HATCHINGS.length], bgcolor: own, fgcolor: colour.surface, size: 6, solidity: 0.25 };
}

function styled(plot, colour) {
  const { text, line, surface, font } = colour;
  const axis = { gridcolor: line, zerolinecolor: line, automargin: true, fixedrange: true };
  const annotations = (plot.layout.annotations || []).map((one) => ({ ...one, arrowcolor: text }));
  return {
    ...plot.layout,
    annotations,
    colorway: colour.series,
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    hoverlabel: { bgcolor: surface, bordercolor: line, font: { color: text, family: font } },
    font: { color: text, family: font, size: 13 },
    margin: { l: 50, r: 16, t: 24, b: 48 },
    dragmode: false,
    xaxis: { ...axis, ...plot.layout.xaxis },
    yaxis: { ...axis, ...plot.layout.yaxis },
  };
}

function drawAll() {
  const colour = colours();
  for (const place of document.querySelectorAll(".plot")) {
    const plot = JSON.parse(place.nextElementSibling.textContent);
    const several = plot.data.length > 1;
    const data = plot.data.map((trace, at) => painted(trace, at, several, colour));
    window.Plotly.react(place, data, styled(plot, colour), SETTINGS);
  }
}

drawAll();
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
