"use strict";
(() => {
  const svgNS = "http://www.w3.org/2000/svg";
  const get = (id) => document.getElementById(id);
  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const digits = (value, significant = 3) => {
    if (value === 0) return "0";
    const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
    return value.toFixed(Math.max(0, Math.min(12, significant - whole)));
  };
  const volume = (ul) => (ul >= 10000 ? `${digits(ul / 1000)} mL` : `${digits(ul, ul >= 1000 ? 4 : 3)} µL`);

  // What each well holds in the frame that is shown; `film` is null on a page without a plan.
  let film = null;
  let held = {};
  let chosen = null;
  let frame = 0;

  function hold(number) {
    held = {};
    for (const each of film.frames.slice(0, number + 1)) Object.assign(held, each.wells);
  }

  function layersOf(state) {
    const residue = Object.keys(state.solids).length > 0;
    if (!state.phases.length) return residue ? [["solid", 1]] : [];
    const total = state.phases.reduce((sum, phase) => sum + phase.uL, 0) || 1;
    const order = { lower: 0, upper: 1 };
    return [...state.phases]
      .sort((a, b) => (order[a.at] ?? 0) - (order[b.at] ?? 0))
      .map((phase) => [phase.is, phase.uL / total]);
  }

  // A well is filled with its layers from the bottom of the drawing up, by share of the volume.
  function paint(well) {
    const key = well.dataset.well;
    const state = film.states[held[key]];
    const glass = well.querySelector(".glass");
    well.querySelectorAll(".layer").forEach((layer) => layer.remove());
    glass.setAttribute("class", "glass");
    const layers = layersOf(state);
    if (layers.length) glass.classList.add(`is-${layers[layers.length - 1][0]}`);
    if (layers.length > 1) glass.after(segment(glass, layers[0][0], layers[0][1]));
    const label = well.querySelector(".amount");
    if (label) {
      label.textContent = state.uL > 0 ? digits(state.uL, state.uL >= 1000 ? 4 : 3) : layers.length ? "dry" : "";
      label.classList.toggle("on-glass", layers.length === 0);
    }
    well.setAttribute("aria-label", `${key}, ${owner(key)}: ${layers.length ? words(state) : "empty"}`);
  }

  // How high, in radii, the lower part of a circle with this share of its area stands.
  function rise(share) {
    let [low, high] = [0, 2];
    for (let n = 0; n < 40; n += 1) {
      const h = (low + high) / 2;
      const area = (Math.acos(1 - h) - (1 - h) * Math.sqrt(Math.max(0, 2 * h - h * h))) / Math.PI;
      if (area < share) low = h;
      else high = h;
    }
    return low;
  }

  function segment(glass, kind, share) {
    const path = document.createElementNS(svgNS, "path");
    const number = (name) => Number(glass.getAttribute(name));
    if (glass.tagName === "circle") {
      const [x, y, r] = [number("cx"), number("cy"), number("r") - 0.4];
      const level = y + r - r * rise(share);
      const half = Math.sqrt(Math.max(0, r * r - (level - y) ** 2));
      path.setAttribute("d", `M${x - half} ${level}A${r} ${r} 0 ${share > 0.5 ? 1 : 0} 0 ${x + half} ${level}z`);
    } else {
      const [x, y, w, h] = ["x", "y", "width", "height"].map(number);
      path.setAttribute("d", `M${x} ${y + h * (1 - share)}h${w}v${h * share}h${-w}z`);
    }
    path.setAttribute("class", `layer is-${kind}`);
    return path;
  }

  const owner = (key) => {
    const [role, name, reaction] = film.owners[key];
    return role === "stock" ? `stock of ${name}` : reaction ? `${name} of ${reaction}` : name;
  };
  const layerName = (phase) => (phase.kind === "single" ? phase.is : `${phase.at} ${phase.kind}`);
  const words = (state) =>
    state.phases.length ? state.phases.map((p) => `${layerName(p)} ${volume(p.uL)}`).join(", ") : "dry residue";

  function describe() {
    const detail = get("detail");
    if (!detail || !chosen || !(chosen in held)) return;
    const state = film.states[held[chosen]];
    const capacity = film.owners[chosen][3];
    detail.replaceChildren(make("h3", owner(chosen)));
    detail.append(make("p", `${chosen} · ${film.frames[frame].label}`, { class: "sub" }));
    detail.append(make("p", `${volume(state.uL)} of ${volume(capacity)}`, { "data-detail": "volume" }));
    const facts = [];
    if (state.T !== null) facts.push(`${state.T} °C`);
    if (state.pH) facts.push(`pH ${state.pH[0]}–${state.pH[1]}`);
    if (state.closed) facts.push("closed");
    if (facts.length) detail.append(make("p", facts.join(" · ")));
    for (const phase of state.phases) detail.append(amounts(`${layerName(phase)}, ${volume(phase.uL)}`, phase.mmol));
    if (Object.keys(state.solids).length) detail.append(amounts("not in a layer", state.solids));
  }

  function amounts(title, mmol) {
    const table = make("table");
    table.append(make("caption", title));
    for (const [material, amount] of Object.entries(mmol)) {
      const row = make("tr");
      row.append(make("th", material, { scope: "row" }), make("td", `${digits(amount)} mmol`, { class: "num" }));
      table.append(row);
    }
    return table;
  }

  function show(number) {
    frame = Math.max(0, Math.min(film.frames.length - 1, number));
    hold(frame);
    const slider = get("moment");
    slider.value = frame;
    slider.setAttribute("aria-valuetext", film.frames[frame].label);
    get("moment-label").textContent = film.frames[frame].label;
    document.querySelectorAll(".well").forEach(paint);
    describe();
  }

  function choose(key) {
    chosen = key;
    document.querySelectorAll(".well").forEach((well) => well.classList.toggle("chosen", well.dataset.well === key));
    describe();
  }

  // One tab stop for each labware; the arrow keys go from well to well.
  function roam(event, wells) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -1e9, End: 1e9 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(wells.length - 1, wells.indexOf(event.currentTarget) + step));
    wells.forEach((well) => well.setAttribute("tabindex", "-1"));
    wells[index].setAttribute("tabindex", "0");
    wells[index].focus();
  }

  function wireWells() {
    for (const labware of document.querySelectorAll(".labware")) {
      const wells = [...labware.querySelectorAll(".well")];
      for (const well of wells) {
        const pick = () => choose(well.dataset.well);
        well.addEventListener("pointerenter", pick);
        well.addEventListener("click", pick);
        well.addEventListener("focus", pick);
        well.addEventListener("keydown", (event) => roam(event, wells));
      }
    }
  }

  function wireTabs() {
    const tabs = [...document.querySelectorAll("[role=tab]")];
    const select = (tab) => {
      for (const each of tabs) {
        const on = each === tab;
        each.setAttribute("aria-selected", String(on));
        each.tabIndex = on ? 0 : -1;
        get(each.getAttribute("aria-controls")).hidden = !on;
      }
    };
    for (const [index, tab] of tabs.entries()) {
      tab.addEventListener("click", () => select(tab));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const next = tabs[(index + step + tabs.length) % tabs.length];
        next.focus();
        select(next);
      });
    }
    if (tabs.length) select(tabs[0]);
  }

  function wireContents() {
    const links = [...document.querySelectorAll(".contents a")];
    if (!("IntersectionObserver" in window)) return;
    const seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (!entry.isIntersecting) continue;
          for (const link of links) {
            if (link.hash === `#${entry.target.id}`) link.setAttribute("aria-current", "true");
            else link.removeAttribute("aria-current");
          }
        }
      },
      { rootMargin: "-15% 0px -75% 0px" },
    );
    document.querySelectorAll("main section[id]").forEach((section) => seen.observe(section));
  }

  function wirePage() {
    document.documentElement.classList.add("scripted");
    const theme = get("theme");
    const isDark = () =>
      (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    theme.hidden = false;
    theme.addEventListener("click", () => {
      document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    });
    get("print").hidden = false;
    get("print").addEventListener("click", () => window.print());
  }

  // Called at the start, and by live.js after it has put in a new page.
  function start(number) {
    const data = get("film");
    film = data ? JSON.parse(data.textContent).film : null;
    wireContents();
    if (!film) return;
    wireWells();
    wireTabs();
    get("moment").addEventListener("input", (event) => show(Number(event.target.value)));
    get("earlier").addEventListener("click", () => show(frame - 1));
    get("later").addEventListener("click", () => show(frame + 1));
    show(number);
  }

  window.review = { start, now: () => ({ frame, chosen }), choose };
  wirePage();
  start(0);
})();
