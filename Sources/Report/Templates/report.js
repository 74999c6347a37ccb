"use strict";
// Everything on the pages can be read without this file; it adds filters, the choice of a dark page, and the large picture.

const root = document.documentElement;

function themeButton() {
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* Pages opened from a file may have no storage. */ }
  const show = () => {
    const dark = chosen ? chosen === "dark" : system.matches;
    root.style.colorScheme = chosen ?? "";
    button.textContent = dark ? "Light page" : "Dark page";
  };
  button.addEventListener("click", () => {
    const dark = chosen ? chosen === "dark" : system.matches;
    chosen = dark ? "light" : "dark";
    try { localStorage.setItem("theme", chosen); } catch { /* Then it is chosen for this page alone. */ }
    show();
  });
  system.addEventListener("change", show);
  button.hidden = false;
  show();
}

function gallery() {
  const form = document.getElementById("filters");
  if (!form) return;
  const list = document.getElementById("cards");
  const cards = [...list.children];
  const fields = ["search", "topic", "standing", "order"].map((id) => document.getElementById(id));
  const seconds = (card) => {
    const [number, unit] = card.dataset.seconds.split(" ");
    return number ? Number(number) * (unit === "min" ? 60 : 1) : Infinity;
  };
  const orders = {
    "": (a, b) => cards.indexOf(a) - cards.indexOf(b),
    title: (a, b) => a.querySelector(".name").textContent.localeCompare(b.querySelector(".name").textContent),
    seconds: (a, b) => seconds(a) - seconds(b),
  };
  const apply = () => {
    const [search, topic, standing, order] = fields.map((field) => field.value);
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const card of cards) {
      const fits = (!topic || card.dataset.topic === topic) && (!standing || card.dataset.standing === standing)
        && words.every((word) => card.dataset.words.includes(word));
      card.hidden = !fits;
      if (fits) count += 1;
    }
    list.append(...[...cards].sort(orders[order] ?? orders[""]));
    document.getElementById("count").textContent = count === 1 ? "1 paper" : `${count} papers`;
    const state = new URLSearchParams(fields.filter((field) => field.value).map((field) => [field.id, field.value]));
    history.replaceState(null, "", state.size ? `#${state}` : location.pathname);
  };
  const restore = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const field of fields) field.value = state.get(field.id) ?? "";
    apply();
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", restore);
  restore();
}

/// A figure as large as the window; again as large by a click or the plus key, to be scrolled.
function zoom() {
  const links = document.querySelectorAll("a.zoom");
  if (!links.length || !window.HTMLDialogElement) return;
  const dialog = document.createElement("dialog");
  dialog.className = "large";
  dialog.setAttribute("aria-label", "Figure, large");
  dialog.innerHTML = '<form method="dialog"><button type="button" class="more">Zoom in</button> '
    + '<button type="button" class="less">Zoom out</button> <button>Close</button></form><div tabindex="0"></div>';
  document.body.append(dialog);
  const image = new Image();
  let scale = 1;
  const resize = (factor) => {
    scale = Math.min(8, Math.max(1, scale * factor));
    image.style.width = `${100 * scale}%`;
  };
  dialog.querySelector(".more").addEventListener("click", () => resize(1.5));
  dialog.querySelector(".less").addEventListener("click", () => resize(1 / 1.5));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "+") resize(1.5);
    if (event.key === "-") resize(1 / 1.5);
  });
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      image.src = link.href;
      image.alt = link.querySelector("img").alt;
      scale = 1;
      resize(1);
      dialog.querySelector("div").replaceChildren(image);
      dialog.showModal();
    });
  }
}

themeButton();
gallery();
zoom();
