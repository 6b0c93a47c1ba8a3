// Draws every figure of the page with Plotly, in the colours of the page, and again when those change.
const SETTINGS = { responsive: true, displayModeBar: false };

function colours() {
  const style = getComputedStyle(document.documentElement);
  const named = (name) => style.getPropertyValue(name).trim();
  return { text: named("--text"), line: named("--line"), accent: named("--accent"), font: named("--font") };
}

function styled(plot) {
  const { text, line, accent, font } = colours();
  const axis = { gridcolor: line, zerolinecolor: line, automargin: true, fixedrange: true };
  return {
    ...plot.layout,
    colorway: [accent],
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    font: { color: text, family: font, size: 13 },
    margin: { l: 50, r: 16, t: 24, b: 48 },
    dragmode: false,
    xaxis: { ...axis, ...plot.layout.xaxis },
    yaxis: { ...axis, ...plot.layout.yaxis },
  };
}

function drawAll() {
  for (const place of document.querySelectorAll(".plot")) {
    const plot = JSON.parse(place.nextElementSibling.textContent);
    window.Plotly.react(place, plot.data, styled(plot), SETTINGS);
  }
}

drawAll();
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
