"use strict";
// Small pieces of SVG. Everything is drawn in a box of 1000 x 100 that stretches with the page.

const COLOURS = 6;
const MISSING = 65535;

function number(value, digits = 4) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return String(Number(value.toPrecision(digits)));
}

function escaped(text) {
  const holder = document.createElement("span");
  holder.textContent = text;
  return holder.innerHTML;
}

/** The numbers of one column in one episode: an array for each dimension. */
function unpack(column, episode) {
  const bytes = Uint8Array.from(atob(column.episodes[episode]), c => c.charCodeAt(0));
  const levels = new Uint16Array(bytes.buffer);
  const points = levels.length / column.dims;
  const series = [];
  for (let d = 0; d < column.dims; d++) {
    const low = column.min[d], span = column.max[d] - low;
    const raw = levels.subarray(d * points, (d + 1) * points);
    series.push(Array.from(raw, v => v === MISSING ? NaN : low + span * v / (MISSING - 1)));
  }
  return series;
}

function extent(arrays) {
  let low = Infinity, high = -Infinity;
  for (const values of arrays) for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (!Number.isFinite(low)) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** The path of a series; it breaks where values are missing. */
function linePath(values, low, high) {
  const across = values.length > 1 ? 1000 / (values.length - 1) : 0;
  let path = "", pen = "M";
  values.forEach((v, i) => {
    if (!Number.isFinite(v)) { pen = "M"; return; }
    path += pen + (i * across).toFixed(1) + " " + (98 - 96 * (v - low) / (high - low)).toFixed(2);
    pen = "L";
  });
  return path;
}

/** A chart of one or more series; `lines` are [values, colour number]. */
function lineChart(lines, low, high, size) {
  const paths = lines.map(([values, colour]) =>
    `<path class="line" style="stroke:var(--s${colour % COLOURS})" d="${linePath(values, low, high)}"/>`);
  return `<div class="plot ${size}"><svg viewBox="0 0 1000 100" preserveAspectRatio="none">` +
    `<line class="axis" x1="0" x2="1000" y1="2" y2="2"/>` +
    `<line class="axis" x1="0" x2="1000" y1="98" y2="98"/>${paths.join("")}` +
    `<line class="cursor" x1="0" x2="0" y1="0" y2="100"/></svg>` +
    `<span class="high">${number(high)}</span><span class="low">${number(low)}</span></div>`;
}

function histogram(counts) {
  const most = Math.max(1, ...counts), width = 1000 / counts.length;
  const bars = counts.map((count, i) => {
    const height = 96 * count / most;
    return `<rect class="bin" x="${(i * width + 1).toFixed(1)}" y="${(98 - height).toFixed(2)}"` +
      ` width="${(width - 2).toFixed(1)}" height="${height.toFixed(2)}"/>`;
  });
  return `<div class="plot small"><svg viewBox="0 0 1000 100" preserveAspectRatio="none">` +
    `<line class="axis" x1="0" x2="1000" y1="98" y2="98"/>${bars.join("")}</svg></div>`;
}
