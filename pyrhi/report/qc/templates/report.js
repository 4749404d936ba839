"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const rows = JSON.parse($("rows").textContent);
  const trs = [...document.querySelectorAll("#slices tbody tr")];
  const tbody = document.querySelector("#slices tbody");
  const storeName = "pyrhi-report-" + document.body.dataset.report;
  const SCORES = ["1", "2", "3", "4", "5"];
  const RATINGS = ["accept", "redo", "exclude"];
  const HEADINGS = ["Patient", "Image", "Slice", "Level", "Rating", "Score", "Comment", "Reader", "Date"];
  // A spreadsheet would run cells that start so.
  const FORMULA = /^[=+\-@\t\r]/;

  let order = trs.map((tr) => Number(tr.dataset.index));
  let visible = order.slice();
  let current = -1;
  let item = null;
  let stored = null; // grey values of the picture, as stored numbers
  let zoom = 1;
  let fitted = true; // the zoom is the one at which the slice fits
  let token = 0;

  // ---- ratings -------------------------------------------------------------------------------

  let kept = true;
  let ratings = {};
  let reader = "";
  try {
    const saved = JSON.parse(localStorage.getItem(storeName) || "{}");
    ratings = saved.ratings || {};
    reader = saved.reader || "";
  } catch (error) {
    kept = false;
  }
  rows.forEach((row, i) => {
    // Ratings that the table was made with.
    if ((row.Rating || row.Score) && !ratings[i]) {
      ratings[i] = { rating: row.Rating, score: row.Score || "", comment: row.Comment || "", reader: row.Reader || "", date: "" };
    }
  });

  function keep() {
    try {
      localStorage.setItem(storeName, JSON.stringify({ ratings, reader }));
    } catch (error) {
      kept = false;
    }
    sayStorage();
  }

  function sayStorage() {
    const count = Object.values(ratings).filter((r) => r.rating || r.score).length;
    $("rated").textContent = count + " of " + rows.length + " rated";
    $("storage").textContent = kept
      ? "Ratings are kept in this browser; save ratings.csv to hand them on."
      : "This browser keeps nothing: save ratings.csv before you close the page.";
  }

  function showRating(i) {
    const said = ratings[i] || {};
    const tr = trs[i];
    tr.querySelector(".rating").textContent = said.rating || "";
    tr.querySelector(".score").textContent = said.score || "";
    if (said.rating) tr.dataset.rating = said.rating;
    else delete tr.dataset.rating;
  }

  function rate(change) {
    if (current < 0) return;
    const said = Object.assign({ rating: "", score: "", comment: "", reader: "", date: "" }, ratings[current], change);
    said.reader = $("reader").value.trim();
    said.date = new Date().toISOString().slice(0, 19) + "Z";
    reader = said.reader;
    if (!said.rating && !said.score && !said.comment) delete ratings[current];
    else ratings[current] = said;
    keep();
    showRating(current);
    fillRating();
    if (RATINGS.includes($("filter-kind").value) || $("filter-kind").value === "unrated") filter();
  }

  function fillRating() {
    const said = ratings[current] || {};
    for (const input of document.querySelectorAll("input[name=rating]")) input.checked = input.value === said.rating;
    for (const input of document.querySelectorAll("input[name=score]")) input.checked = input.value === said.score;
    if (document.activeElement !== $("comment")) $("comment").value = said.comment || "";
    if (document.activeElement !== $("reader")) $("reader").value = said.reader || reader;
  }

  function cell(text) {
    const value = String(text);
    const safe = FORMULA.test(value) ? "'" + value : value;
    return /[",\r\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  }

  function ratingsTable() {
    const lines = [HEADINGS.join(",")];
    rows.forEach((row, i) => {
      const said = ratings[i];
      if (!said || !(said.rating || said.score)) return;
      // Cells of rhi.csv are neutral already, as they stand.
      const own = [row.Patient, row.Image, row.Slice, row.Level].map((t) => cell(t));
      lines.push([...own, said.rating, said.score || "", cell(said.comment.replace(/\s+/g, " ")), cell(said.reader), said.date].join(","));
    });
    return lines.join("\n") + "\n";
  }

  function exportRatings() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([ratingsTable()], { type: "text/csv" }));
    link.download = "ratings.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // ---- table ---------------------------------------------------------------------------------

  function keyOf(i, key, numeric) {
    const said = ratings[i] || {};
    const text = key === "Rating" ? said.rating || "" : key === "Score" ? said.score || "" : rows[i][key] || "";
    return numeric ? Number(text) : text.toLowerCase();
  }

  function sort(th) {
    const down = th.getAttribute("aria-sort") === "ascending";
    for (const other of document.querySelectorAll("#slices thead th")) other.setAttribute("aria-sort", "none");
    th.setAttribute("aria-sort", down ? "descending" : "ascending");
    const { key, kind } = th.dataset;
    const collator = new Intl.Collator("en", { numeric: true });
    const keys = rows.map((_, i) => keyOf(i, key, kind === "n"));
    const compare = kind === "n" ? (a, b) => keys[a] - keys[b] : (a, b) => collator.compare(keys[a], keys[b]);
    order.sort((a, b) => (down ? compare(b, a) : compare(a, b)) || a - b);
    tbody.append(...order.map((i) => trs[i]));
    filter();
  }

  function filter() {
    const text = $("filter-text").value.trim().toLowerCase();
    const kind = $("filter-kind").value;
    const least = $("filter-rhi").value === "" ? -Infinity : Number($("filter-rhi").value);
    visible = order.filter((i) => {
      const row = rows[i];
      const said = ratings[i] || {};
      const rating = said.rating || "";
      if (Number(row.RHI) < least) return false;
      if (kind === "high" && !(Number(row.HighArea) > 0)) return false;
      if (kind === "warned" && !row.Warnings) return false;
      if (kind === "unrated" && (rating || said.score)) return false;
      if (RATINGS.includes(kind) && rating !== kind) return false;
      return !text || [row.Patient, row.Image, row.Level, row.Warnings, row.Method].join("\n").toLowerCase().includes(text);
    });
    const shown = new Set(visible);
    trs.forEach((tr, i) => { tr.hidden = !shown.has(i); });
    $("filter-count").textContent = visible.length + " of " + rows.length + " rows";
  }

  // ---- picture -------------------------------------------------------------------------------

  function grey(value) {
    const span = item.picture.high - item.picture.low || 1;
    const digits = Math.max(0, 3 - Math.floor(Math.log10(span)));
    return (Math.round(value * 10 ** digits) / 10 ** digits + 0).toFixed(Math.min(digits, 9));
  }

  function area(text, unit) {
    return number(text) + " " + unit.replace("^2", "²");
  }

  function number(text) {
    const value = Number(text);
    return text === "" || Number.isNaN(value) ? "–" : value.toFixed(2);
  }

  function show(i) {
    if (current >= 0) trs[current].classList.remove("picked");
    current = i;
    const row = rows[i];
    const tr = trs[i];
    tr.classList.add("picked");
    // The table scrolls to the row, the page stays where it is.
    const box = $("table-box");
    const head = box.querySelector("thead").offsetHeight;
    const top = tr.offsetTop - head;
    if (top < box.scrollTop || tr.offsetTop + tr.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top;
    const place = visible.indexOf(i);
    const level = row.Level ? ", " + row.Level : "";
    $("shown").textContent = row.Image + ", slice " + row.Slice + level + (place >= 0 ? " (" + (place + 1) + " of " + visible.length + ")" : "");
    const numbers = [
      ["RHI", number(row.RHI) + " %"], ["Patient", row.Patient],
      ["Cord", area(row.CordArea, row.Unit)], ["High", area(row.HighArea, row.Unit)],
      ["Cord mean", number(row.CordMean)], ["High mean", number(row.HighMean)],
      ["Regions", row.HighCount], ["Outside cord", number(row.HighOutsidePercent) + " %"],
      ["Method", row.Method], ["Warnings", row.Warnings || "none"],
    ];
    $("numbers").replaceChildren(...numbers.flatMap(([name, value]) => {
      const dt = document.createElement("dt");
      const dd = document.createElement("dd");
      dt.textContent = name;
      dd.textContent = value;
      if (name === "Warnings") {
        dt.className = "first";
        dd.className = "wide";
      }
      return [dt, dd];
    }));
    fillRating();
    draw(i);
  }

  function draw(i) {
    const mine = ++token;
    const source = $("slice-" + i);
    item = source ? JSON.parse(source.textContent) : { problem: "no picture of this slice" };
    stored = null;
    const missing = !item.picture;
    $("stage").hidden = missing;
    $("no-picture").hidden = !missing;
    $("no-picture").textContent = missing ? item.problem : "";
    $("grey").textContent = "";
    if (missing) return;
    const p = item.picture;
    Slices.decode(p, (values) => {
      if (mine !== token) return;
      stored = values;
      resetView();
    });
    Slices.marks($("stage"), p);
    Slices.outlines($("outlines"), p);
    $("cord").setAttribute("d", p.cord);
    $("lesion").setAttribute("d", p.lesion);
    $("pixels").setAttribute("aria-label", "T2 slice " + rows[i].Image + ", slice " + rows[i].Slice + ", cord and high-intensity area outlined");
  }

  function resetView() {
    const p = item.picture;
    const span = p.high - p.low || 1;
    const top = p.offset + p.step * stored.reduce((a, b) => Math.max(a, b), 0);
    $("level").min = p.offset;
    $("level").max = top;
    $("window").min = span / 1000;
    $("window").max = Math.max(2 * (top - p.offset), span);
    $("level").value = (p.low + p.high) / 2;
    $("window").value = span;
    fit();
    paint();
  }

  function fit() {
    zoom = Slices.fit(item.picture, $("picture"));
    fitted = true;
    scale();
  }

  function scale() {
    const p = item.picture;
    Slices.scale($("stage"), p, zoom);
    $("zoom").textContent = Math.round(100 * zoom) + " %";
  }

  function paint() {
    if (!stored) return;
    const p = item.picture;
    const level = Number($("level").value), width = Number($("window").value);
    const low = level - width / 2;
    Slices.paint($("pixels"), p, stored, low, width);
    $("level-value").textContent = grey(level);
    $("window-value").textContent = grey(width);
    $("grey").textContent = "Grey values " + grey(low) + " to " + grey(low + width) + (p.part ? "; part of the slice from x " + p.x + ", y " + p.y : "");
  }

  function zoomBy(steps) {
    if (!item || !item.picture) return;
    fitted = false;
    zoom = zoom >= 1 ? Math.min(Math.max(Math.round(zoom) + steps, 1), 32) : Math.min(zoom * (steps > 0 ? 2 : 0.5), 1);
    scale();
  }

  function step(by) {
    if (!visible.length) return;
    const place = visible.indexOf(current);
    show(visible[Math.min(Math.max(place + by, 0), visible.length - 1)]);
  }

  function toggles() {
    $("cord").style.display = $("show-cord").checked ? "" : "none";
    $("lesion").style.display = $("show-lesion").checked ? "" : "none";
  }

  // ---- what a person does --------------------------------------------------------------------

  for (const th of document.querySelectorAll("#slices thead th")) th.querySelector("button").addEventListener("click", () => sort(th));
  tbody.addEventListener("click", (event) => {
    const tr = event.target.closest("tr");
    if (tr) show(Number(tr.dataset.index));
  });
  for (const id of ["filter-text", "filter-kind", "filter-rhi"]) {
    for (const kind of ["input", "change"]) $(id).addEventListener(kind, filter);
  }
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("rating").addEventListener("submit", (event) => event.preventDefault());
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("show-cord").addEventListener("change", toggles);
  $("show-lesion").addEventListener("change", toggles);
  $("outline-width").addEventListener("change", () => {
    document.documentElement.style.setProperty("--outline-width", $("outline-width").value);
  });
  $("zoom-in").addEventListener("click", () => zoomBy(1));
  $("zoom-out").addEventListener("click", () => zoomBy(-1));
  $("reset").addEventListener("click", () => item && item.picture && resetView());
  $("level").addEventListener("input", paint);
  $("window").addEventListener("input", paint);
  for (const input of document.querySelectorAll("input[name=rating]")) input.addEventListener("change", () => rate({ rating: input.value }));
  for (const input of document.querySelectorAll("input[name=score]")) input.addEventListener("change", () => rate({ score: input.value }));
  $("unrate").addEventListener("click", () => rate({ rating: "", score: "", comment: "" }));
  $("comment").addEventListener("input", () => rate({ comment: $("comment").value }));
  $("reader").addEventListener("input", () => {
    reader = $("reader").value.trim();
    if (ratings[current]) rate({});
    else keep();
  });
  $("export").addEventListener("click", exportRatings);

  let drag = null;
  $("stage").addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, level: Number($("level").value), window: Number($("window").value) };
    $("stage").setPointerCapture(event.pointerId);
  });
  $("stage").addEventListener("pointermove", (event) => {
    if (!drag || !item.picture) return;
    const span = item.picture.high - item.picture.low || 1;
    $("level").value = drag.level + (event.clientY - drag.y) * span / 300;
    $("window").value = drag.window + (event.clientX - drag.x) * span / 300;
    paint();
  });
  $("stage").addEventListener("pointerup", () => { drag = null; });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (target.matches("input[type=text], input[type=search], input[type=number], select")) return;
    const arrows = target.matches("input[type=radio], input[type=range]");
    const keys = {
      ArrowLeft: () => step(-1), ArrowRight: () => step(1),
      c: () => $("show-cord").click(), h: () => $("show-lesion").click(),
      "+": () => zoomBy(1), "-": () => zoomBy(-1), 0: () => $("reset").click(),
      a: () => rate({ rating: "accept" }), r: () => rate({ rating: "redo" }), x: () => rate({ rating: "exclude" }),
    };
    for (const score of SCORES) keys[score] = () => rate({ score });
    const act = keys[event.key];
    if (!act || (arrows && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    act();
  });

  // ---- the worst slices ----------------------------------------------------------------------

  function thumbnail(button) {
    const i = Number(button.dataset.index);
    const source = $("slice-" + i);
    const p = source ? JSON.parse(source.textContent).picture : null;
    button.addEventListener("click", () => {
      show(i);
      $("viewer").scrollIntoView();
      $("viewer").focus();
    });
    if (!p) return;
    const stage = button.querySelector(".stage");
    const size = Math.min(stage.clientWidth / p.width, stage.clientHeight / (p.height * p.aspect));
    for (const part of stage.children) {
      part.style.width = p.width * size + "px";
      part.style.height = p.height * p.aspect * size + "px";
    }
    Slices.outlines(stage.querySelector("svg"), p);
    stage.querySelector(".cord").setAttribute("d", p.cord);
    stage.querySelector(".lesion").setAttribute("d", p.lesion);
    Slices.decode(p, (values) => Slices.paint(stage.querySelector("canvas"), p, values, p.low, p.high - p.low || 1));
  }

  for (const button of document.querySelectorAll("#worst button")) thumbnail(button);

  // A window made larger, or a phone turned; a zoom that a person chose stays.
  window.addEventListener("resize", () => fitted && item && item.picture && stored && fit());

  const lost = document.querySelectorAll("script.slice.lost").length;
  if (lost) {
    $("problems").hidden = false;
    $("problems").textContent = lost + " of " + rows.length + " rows have no picture: their image or ROIs are gone or have changed since they were measured. Their numbers stand as they were.";
  }
  rows.forEach((_, i) => showRating(i));
  $("reader").value = reader;
  toggles();
  sayStorage();
  if (rows.length) show(0);
})();
