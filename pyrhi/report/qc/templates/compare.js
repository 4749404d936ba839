"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const rows = JSON.parse($("rows").textContent);
  const tbody = document.querySelector("#pairs tbody");
  const trs = [...tbody.querySelectorAll("tr")];
  const sides = [...document.querySelectorAll(".side")];
  let order = rows.map((_, i) => i);
  let current = -1;
  let shown = [null, null]; // picture and grey values of each side
  let token = 0;

  function paint() {
    const contrast = Number($("contrast").value);
    sides.forEach((side, k) => {
      if (!shown[k]) return;
      const { p, stored } = shown[k];
      const width = (p.high - p.low || 1) / contrast;
      Slices.paint(side.querySelector("canvas"), p, stored, (p.low + p.high - width) / 2, width);
    });
  }

  function draw(side, k, item, mine) {
    const { picture: p, problem, says, warnings } = item.sides[k];
    const other = item.sides[1 - k].picture;
    side.querySelector(".stage").hidden = !p;
    side.querySelector(".no-picture").hidden = !!p;
    side.querySelector(".no-picture").textContent = problem;
    side.querySelector(".says").textContent = says + (warnings ? "; " + warnings : "");
    if (!p) return;
    const [cord, lesion, otherCord, otherLesion] = side.querySelectorAll("path");
    cord.setAttribute("d", p.cord);
    lesion.setAttribute("d", p.lesion);
    otherCord.setAttribute("d", item.same ? other.cord : "");
    otherLesion.setAttribute("d", item.same ? other.lesion : "");
    Slices.outlines(side.querySelector("svg"), p);
    Slices.marks(side.querySelector(".stage"), p);
    Slices.decode(p, (stored) => {
      if (mine !== token) return;
      shown[k] = { p, stored };
      fit(side, p);
      paint();
    });
  }

  function fit(side, p) {
    Slices.scale(side.querySelector(".stage"), p, Slices.fit(p, side.querySelector(".box")));
  }

  function show(i) {
    if (current >= 0) trs[current].classList.remove("picked");
    current = i;
    trs[i].classList.add("picked");
    const mine = ++token;
    shown = [null, null];
    const item = JSON.parse($("pair-" + i).textContent);
    const row = rows[i];
    sides.forEach((side, k) => {
      side.querySelector(".rhi").textContent = "RHI " + (k ? row.second : row.first).toFixed(2) + " %";
      draw(side, k, item, mine);
    });
    const sign = row.difference < 0 ? "−" : "+";
    const dice = item.same ? "; Dice cord " + row.cord.toFixed(2) + ", high " + row.high.toFixed(2) : "; not the same image: no outlines of the other";
    $("difference").textContent = (order.indexOf(i) + 1) + " of " + rows.length + ": difference " + sign + Math.abs(row.difference).toFixed(2) + dice;
  }

  function step(by) {
    const place = order.indexOf(current) + by;
    show(order[Math.min(Math.max(place, 0), order.length - 1)]);
  }

  function sort(th) {
    const down = th.getAttribute("aria-sort") === "ascending";
    for (const other of document.querySelectorAll("#pairs thead th")) other.setAttribute("aria-sort", "none");
    th.setAttribute("aria-sort", down ? "descending" : "ascending");
    const { key, kind } = th.dataset;
    const collator = new Intl.Collator("en", { numeric: true });
    const value = (i) => (kind === "n" ? Number(rows[i][key] ?? -1) : String(rows[i][key]));
    const compare = kind === "n" ? (a, b) => value(a) - value(b) : (a, b) => collator.compare(value(a), value(b));
    order.sort((a, b) => (down ? compare(b, a) : compare(a, b)) || a - b);
    tbody.append(...order.map((i) => trs[i]));
  }

  function toggles() {
    for (const path of document.querySelectorAll("#sides path")) {
      const wanted = $("outlines").checked && (!path.classList.contains("other") || $("others").checked);
      path.style.display = wanted ? "" : "none";
    }
  }

  for (const th of document.querySelectorAll("#pairs thead th")) th.querySelector("button").addEventListener("click", () => sort(th));
  tbody.addEventListener("click", (event) => {
    const tr = event.target.closest("tr");
    if (tr) show(Number(tr.dataset.index));
  });
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("outlines").addEventListener("change", toggles);
  $("others").addEventListener("change", toggles);
  $("contrast").addEventListener("input", paint);
  $("outline-width").addEventListener("change", () => {
    document.documentElement.style.setProperty("--outline-width", $("outline-width").value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, input[type=range]")) return;
    const keys = {
      ArrowLeft: () => step(-1), ArrowRight: () => step(1),
      o: () => $("outlines").click(), b: () => $("others").click(),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  // A window made larger, or a phone turned.
  window.addEventListener("resize", () => sides.forEach((side, k) => shown[k] && fit(side, shown[k].p)));
  // The largest difference first.
  show(rows.reduce((best, row, i) => (Math.abs(row.difference) > Math.abs(rows[best].difference) ? i : best), 0));
})();
