"use strict";
// Pictures of slices: grey values out of a PNG, seen through a window, with marks and a ruler.
const Slices = (() => {
  const LENGTHS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];
  const LONGEST = 0.4;

  function decode(p, done) {
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = p.width;
      canvas.height = p.height;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      const data = context.getImageData(0, 0, p.width, p.height).data;
      const stored = new Uint16Array(p.width * p.height);
      for (let k = 0; k < stored.length; k++) {
        const r = data[4 * k], g = data[4 * k + 1], b = data[4 * k + 2];
        // Grey has three equal bytes; numbers of two bytes have a blue of 0.
        stored[k] = r === g && g === b ? r : (r << 8) | g;
      }
      done(stored);
    };
    image.src = "data:image/png;base64," + p.png;
  }

  function paint(canvas, p, stored, low, width) {
    if (canvas.width !== p.width) canvas.width = p.width;
    if (canvas.height !== p.height) canvas.height = p.height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const out = context.createImageData(p.width, p.height);
    for (let k = 0; k < stored.length; k++) {
      const grey = 255 * (p.offset + p.step * stored[k] - low) / width;
      out.data[4 * k] = out.data[4 * k + 1] = out.data[4 * k + 2] = grey;
      out.data[4 * k + 3] = 255;
    }
    context.putImageData(out, 0, 0);
  }

  function fit(p, box) {
    const most = Math.min((box.clientWidth - 4) / p.width, (box.clientHeight - 4) / (p.height * p.aspect));
    return most > 1 ? Math.floor(2 * most) / 2 : most;
  }

  function scale(stage, p, zoom) {
    stage.style.width = p.width * zoom + "px";
    stage.style.height = p.height * p.aspect * zoom + "px";
    const bar = stage.querySelector(".ruler");
    const fits = p.pixel ? LENGTHS.filter((mm) => mm / p.pixel <= LONGEST * p.width) : [];
    bar.hidden = !fits.length;
    if (!fits.length) return;
    const length = fits[fits.length - 1];
    bar.style.width = (length / p.pixel) * zoom + "px";
    bar.textContent = length + " " + p.unit;
  }

  function marks(stage, p) {
    for (const side of ["left", "right", "top", "bottom"]) {
      stage.querySelector(".mark." + side).textContent = p.marks ? p.marks[side] : "";
    }
  }

  function outlines(svg, p) {
    svg.setAttribute("viewBox", "0 0 " + p.width + " " + p.height);
    svg.setAttribute("preserveAspectRatio", "none");
  }

  return { decode, paint, fit, scale, marks, outlines };
})();
