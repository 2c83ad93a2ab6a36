// The state of the page: which episode is open, and at which step.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = id => document.getElementById(id);
const state = {episode: 0, step: 0, timer: null};
const dimName = (column, d) => column.dims === 1 ? column.name :
  column.labels[d] === String(d) ? `${column.name}[${d}]` : column.labels[d];
let shown = [];  // what the open episode draws: {column, series, plots, values}

// ---- lengths ------------------------------------------------------------------------------

function drawLengths() {
  const most = Math.max(...data.lengths), width = Math.min(40, 1000 / data.lengths.length);
  const gap = Math.min(2, width / 5);
  const bars = data.lengths.map((length, i) => {
    const height = 96 * length / most;
    return `<rect class="bar" data-index="${i}" x="${(i * width).toFixed(2)}" y="${98 - height}"` +
      ` width="${(width - gap).toFixed(2)}" height="${height}">` +
      `<title>episode ${data.episodes[i]}: ${length} steps</title></rect>`;
  });
  byId("lengths").innerHTML = `<div class="plot"><svg viewBox="0 0 1000 100" ` +
    `preserveAspectRatio="none"><line class="axis" x1="0" x2="1000" y1="98" y2="98"/>` +
    `${bars.join("")}</svg><span class="high">${most}</span></div>`;
  byId("lengths").onclick = event => openFrom(event.target);
}

function openFrom(target) {
  if (target.dataset.index !== undefined) { open(Number(target.dataset.index)); reveal(); }
}

function reveal() { byId("viewer").scrollIntoView({behavior: "smooth"}); }

// ---- one episode --------------------------------------------------------------------------

function open(index, step = 0) {
  state.episode = index;
  byId("number").textContent = data.episodes[index];
  byId("episode").value = index;
  const told = [`${data.lengths[index]} steps`];
  if (data.fps) told.push(`${(data.lengths[index] / data.fps).toFixed(1)} s`);
  if (data.strides[index] > 1) told.push(`every ${data.strides[index]}th step drawn`);
  for (const [name, value] of Object.entries(data.once[index])) told.push(`${name} ${value}`);
  told.push(...data.filters[index]);
  byId("about").textContent = told.join(" · ");
  for (const id of ["lengths", "scatter"])
    byId(id).querySelectorAll("[data-index]").forEach(mark =>
      mark.classList.toggle("now", Number(mark.dataset.index) === index));
  drawCameras();
  drawSeries();
  go(step);
}

function drawCameras() {
  const holder = byId("cameras");
  holder.innerHTML = "";
  for (const [name, strip] of Object.entries(data.strips[state.episode])) {
    const card = document.createElement("div");
    card.className = "card camera";
    const small = strip.steps.map((step, i) => `<div class="frame" data-i="${i}"` +
      ` title="step ${step}"></div>`);
    card.innerHTML = `<h3>${escaped(name)}</h3><div class="frame big"></div>` +
      `<div class="film">${small.join("")}</div>`;
    card.strip = strip;
    card.querySelectorAll(".frame").forEach(frame => {
      frame.style.aspectRatio = strip.ratio;
      frame.style.backgroundImage = `url(${strip.uri})`;
      frame.style.backgroundSize = `${strip.steps.length * 100}% 100%`;
      if (frame.dataset.i !== undefined) place(frame, strip, Number(frame.dataset.i));
    });
    card.querySelector(".film").onclick = event => {
      if (event.target.dataset.i !== undefined) go(strip.steps[Number(event.target.dataset.i)]);
    };
    holder.append(card);
  }
}

function place(frame, strip, i) {
  const last = strip.steps.length - 1;
  frame.style.backgroundPosition = `${last ? 100 * i / last : 0}% 0`;
}

/** Whether one chart can show all dimensions: few, and none flattened by another's range. */
function isAlike(column) {
  const spans = column.min.map((low, d) => column.max[d] - low).filter(span => span > 0);
  return column.dims <= COLOURS && Math.max(...spans) < 10 * Math.min(...spans, Infinity);
}

function drawSeries() {
  const holder = byId("series"), zoom = byId("zoom").checked;
  holder.innerHTML = "";
  shown = data.columns.map(column => {
    const series = unpack(column, state.episode);
    const range = which => zoom ? extent(which.map(d => series[d]))
      : extent(which.map(d => [column.min[d], column.max[d]]));
    const card = document.createElement("div");
    const few = isAlike(column);
    card.className = few || column.dims <= 3 ? "card" : "card wide";
    const left = column.left_out ? `, ${column.left_out} more not drawn` : "";
    const title = `<div class="title"><h3>${escaped(column.name)}</h3>` +
      `<span>${column.role}${left}</span></div>`;
    const all = series.map((_, d) => d);
    if (few) {
      const legend = all.map(d => `<span><i style="background:var(--s${d})"></i>` +
        `${column.dims > 1 ? escaped(column.labels[d]) : ""} <b></b></span>`);
      card.innerHTML = title + lineChart(series.map((v, d) => [v, d]), ...range(all), "large") +
        `<div class="legend">${legend.join("")}</div>`;
    } else {
      const minis = all.map(d => `<div class="mini"><div class="name">` +
        `<span>${escaped(column.labels[d])}</span><b></b></div>` +
        `${lineChart([[series[d], 0]], ...range([d]), "small")}</div>`);
      card.innerHTML = `${title}<div class="grid-small">${minis.join("")}</div>`;
    }
    holder.append(card);
    return {series, plots: card.querySelectorAll(".plot"), values: card.querySelectorAll("b")};
  });
}

function go(step) {
  const length = data.lengths[state.episode], stride = data.strides[state.episode];
  state.step = Math.max(0, Math.min(length - 1, step));
  const time = data.fps ? ` · ${(state.step / data.fps).toFixed(2)} s` : "";
  byId("clock").textContent = `step ${state.step} of ${length}${time}`;
  for (const {series, plots, values} of shown) {
    const points = series[0].length;
    const i = Math.min(points - 1, Math.round(state.step / stride));
    const x = points > 1 ? 1000 * i / (points - 1) : 0;
    for (const plot of plots) {
      const cursor = plot.querySelector(".cursor");
      cursor.setAttribute("x1", x);
      cursor.setAttribute("x2", x);
    }
    values.forEach((value, d) => { value.textContent = number(series[d][i]); });
  }
  for (const card of byId("cameras").children) {
    const steps = card.strip.steps;
    let near = 0;
    steps.forEach((s, i) => { if (s <= state.step) near = i; });
    place(card.querySelector(".big"), card.strip, near);
    card.querySelectorAll(".film .frame").forEach((frame, i) =>
      frame.classList.toggle("now", i === near));
  }
}

function stop() {
  clearInterval(state.timer);
  state.timer = null;
  byId("play").textContent = "Play";
}

function play() {
  if (state.timer) return stop();
  byId("play").textContent = "Stop";
  if (state.step >= data.lengths[state.episode] - 1) go(0);
  const rate = Math.min(30, data.fps || 10), jump = (data.fps || 10) / rate;
  let at = state.step;
  state.timer = setInterval(() => {
    at += jump;
    if (at >= data.lengths[state.episode]) return stop();
    go(Math.round(at));
  }, 1000 / rate);
}

function turn(by) {
  stop();
  open(Math.max(0, Math.min(data.episodes.length - 1, state.episode + by)));
}

// ---- distributions ------------------------------------------------------------------------

function drawHistograms() {
  const column = data.columns[byId("histogram-column").value];
  byId("histograms").innerHTML = column.histograms.map((counts, d) =>
    `<div class="mini"><div class="name"><b>${escaped(dimName(column, d))}</b></div>` +
    `${histogram(counts)}<div class="name"><span>${number(column.min[d], 3)}</span>` +
    `<span>${number(column.mean[d], 3)} ± ${number(column.std[d], 2)}</span>` +
    `<span>${number(column.max[d], 3)}</span></div></div>`).join("");
}

// ---- where episodes begin -----------------------------------------------------------------

function firstValues(choice) {
  const [c, d] = choice.split(":").map(Number);
  return data.episodes.map((_, i) => unpack(data.columns[c], i)[d][0]);
}

function drawScatter() {
  const xs = firstValues(byId("scatter-x").value), ys = firstValues(byId("scatter-y").value);
  const [left, right] = extent([xs]), [low, high] = extent([ys]);
  const [short, long] = extent([data.lengths]);
  const dots = xs.map((x, i) => {
    if (!Number.isFinite(x) || !Number.isFinite(ys[i])) return "";
    const share = 100 * (data.lengths[i] - short) / (long - short);
    return `<circle data-index="${i}" r="5" cx="${40 + 640 * (x - left) / (right - left)}"` +
      ` cy="${340 - 320 * (ys[i] - low) / (high - low)}" style="fill:color-mix(in oklab, var(--s1) ${share}%, var(--s0))">` +
      `<title>episode ${data.episodes[i]}: ${number(x)}, ${number(ys[i])}</title></circle>`;
  });
  byId("scatter").innerHTML = `<div class="plot"><svg viewBox="0 0 700 370">` +
    `<line class="axis" x1="30" x2="690" y1="350" y2="350"/>` +
    `<line class="axis" x1="30" x2="30" y1="10" y2="350"/>${dots.join("")}` +
    `<text x="36" y="366">${number(left)}</text>` +
    `<text x="684" y="366" text-anchor="end">${number(right)}</text>` +
    `<text x="26" y="348" text-anchor="end">${number(low)}</text>` +
    `<text x="26" y="20" text-anchor="end">${number(high)}</text></svg></div>`;
  byId("scatter").onclick = event => openFrom(event.target);
}

// ---- start --------------------------------------------------------------------------------

function fillPickers() {
  byId("histogram-column").innerHTML = data.columns.map((column, c) =>
    `<option value="${c}">${escaped(column.name)}</option>`).join("");
  const choices = [];
  data.columns.forEach((column, c) => {
    if (column.role === "observation" || column.role === "action")
      for (let d = 0; d < column.dims; d++)
        choices.push([`${c}:${d}`, `${column.name} ${column.labels[d]}`, column]);
  });
  const observed = choices.filter(choice => choice[2].role === "observation");
  const options = [...observed, ...choices.filter(choice => choice[2].role === "action")];
  for (const id of ["scatter-x", "scatter-y"])
    byId(id).innerHTML = options.map(([value, name]) =>
      `<option value="${value}">${escaped(name)}</option>`).join("");
  if (options.length > 1) byId("scatter-y").value = options[1][0];
  return options.length > 0;
}

function pointed(event) {
  const plot = event.target.closest("#series .plot");
  if (!plot) return;
  const box = plot.getBoundingClientRect();
  const share = (event.clientX - box.left) / box.width;
  stop();
  go(Math.round(share * (data.lengths[state.episode] - 1)));
}

function listen() {
  byId("episode").max = data.episodes.length - 1;
  byId("episode").oninput = event => { stop(); open(Number(event.target.value)); };
  byId("previous").onclick = () => turn(-1);
  byId("next").onclick = () => turn(1);
  byId("play").onclick = play;
  byId("zoom").onchange = () => { drawSeries(); go(state.step); };
  byId("series").onpointermove = pointed;
  byId("histogram-column").onchange = drawHistograms;
  byId("scatter-x").onchange = byId("scatter-y").onchange = () => {
    drawScatter();
    open(state.episode, state.step);
  };
  document.querySelectorAll("tr[data-episode]").forEach(row => {
    const index = data.episodes.indexOf(Number(row.dataset.episode));
    row.onclick = () => { if (index >= 0) { open(index, Number(row.dataset.step)); reveal(); } };
    row.onkeydown = event => { if (event.key === "Enter") row.onclick(); };
  });
  document.onkeydown = event => {
    if (event.target.tagName === "SELECT" || event.target.type === "range") return;
    const actions = {n: () => turn(1), p: () => turn(-1), " ": play,
      ArrowLeft: () => go(state.step - 1), ArrowRight: () => go(state.step + 1)};
    if (event.key in actions) { event.preventDefault(); actions[event.key](); }
  };
}

drawLengths();
if (data.columns.length) {
  const hasStarts = fillPickers();
  drawHistograms();
  if (hasStarts) drawScatter();
}
listen();
open(0);
