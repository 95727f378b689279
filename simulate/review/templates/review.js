"use strict";
(() => {
  const svgNS = "http://www.w3.org/2000/svg";
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
  const layerName = (phase) => (phase.kind === "single" ? phase.is : `${phase.at} ${phase.kind}`);

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

  // The lower of two layers, over the well that has the colour of the upper one.
  function segment(glass, kind, share) {
    const path = document.createElementNS(svgNS, "path");
    const number = (name) => Number(glass.getAttribute(name));
    if (glass.tagName === "circle") {
      const [x, y, r] = [number("cx"), number("cy"), number("r") - 0.1];
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

  // A state's layers from the bottom up: [kind, share of the volume].
  function layersOf(state) {
    if (!state.phases.length) return Object.keys(state.solids).length ? [["solid", 1]] : [];
    const total = state.phases.reduce((sum, phase) => sum + phase.uL, 0) || 1;
    const order = { lower: 0, upper: 1 };
    return [...state.phases]
      .sort((a, b) => (order[a.at] ?? 0) - (order[b.at] ?? 0))
      .map((phase) => [phase.is, phase.uL / total]);
  }

  const words = (state) =>
    state.phases.length ? state.phases.map((p) => `${layerName(p)} ${volume(p.uL)}`).join(", ") : "dry residue";

  function amounts(title, mmol, compounds) {
    const table = make("table");
    table.append(make("caption", title));
    for (const [material, amount] of Object.entries(mmol)) {
      const row = make("tr");
      row.append(make("th", compounds[material] ?? material, { scope: "row" }), make("td", `${digits(amount)} mmol`, { class: "num" }));
      table.append(row);
    }
    return table;
  }

  // The deck and the plates of one stage, at one of its moments.
  class Film {
    constructor(root) {
      Object.assign(this, JSON.parse(root.querySelector(".frames").textContent));
      this.root = root;
      this.wells = [...root.querySelectorAll(".well")];
      this.slider = root.querySelector(".moment");
      this.chosen = null;
      this.wireWells();
      this.wireTabs();
      this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
      root.querySelector(".earlier").addEventListener("click", () => this.show(this.frame - 1));
      root.querySelector(".later").addEventListener("click", () => this.show(this.frame + 1));
      this.show(0);
    }

    show(number) {
      this.frame = Math.max(0, Math.min(this.frames.length - 1, number));
      this.held = Object.assign({}, ...this.frames.slice(0, this.frame + 1).map((each) => each.wells));
      const label = this.frames[this.frame].label;
      this.slider.value = this.frame;
      this.slider.setAttribute("aria-valuetext", label);
      this.root.querySelector(".moment-label").textContent = label;
      this.wells.forEach((well) => this.paint(well));
      this.describe();
    }

    owner(key) {
      const [role, name, reaction] = this.owners[key];
      const whose = reaction in this.reactions ? `${reaction}, ${this.reactions[reaction]}` : reaction;
      return role === "stock" ? `stock of ${name}` : reaction ? `${name} of ${whose}` : name;
    }

    paint(well) {
      const key = well.dataset.well;
      const state = this.states[this.held[key]];
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
      well.setAttribute("aria-label", `${key}, ${this.owner(key)}: ${layers.length ? words(state) : "empty"}`);
    }

    choose(key) {
      this.chosen = key;
      const reaction = this.owners[key]?.[2];
      if (reaction) this.courses?.choose(reaction);
      this.wells.forEach((well) => well.classList.toggle("chosen", well.dataset.well === key));
      this.describe();
    }

    describe() {
      if (!this.chosen || !(this.chosen in this.held)) return;
      const state = this.states[this.held[this.chosen]];
      const detail = this.root.querySelector(".detail");
      detail.replaceChildren(make("h3", this.owner(this.chosen)));
      detail.append(make("p", `${this.chosen} · ${this.frames[this.frame].label}`, { class: "sub" }));
      const capacity = this.owners[this.chosen][3];
      detail.append(make("p", `${volume(state.uL)} of ${volume(capacity)}`, { "data-detail": "volume" }));
      const facts = [];
      if (state.T !== null) facts.push(`${state.T} °C`);
      if (state.pH) facts.push(`pH ${state.pH[0]}–${state.pH[1]}`);
      if (state.closed) facts.push("closed");
      if (facts.length) detail.append(make("p", facts.join(" · ")));
      for (const phase of state.phases) detail.append(amounts(`${layerName(phase)}, ${volume(phase.uL)}`, phase.mmol, this.compounds));
      if (Object.keys(state.solids).length) detail.append(amounts("not in a layer", state.solids, this.compounds));
    }

    // One tab stop for each labware; the arrow keys go from well to well.
    wireWells() {
      for (const labware of this.root.querySelectorAll(".labware")) {
        const wells = [...labware.querySelectorAll(".well")];
        for (const [index, well] of wells.entries()) {
          for (const event of ["pointerenter", "click", "focus"]) {
            well.addEventListener(event, () => this.choose(well.dataset.well));
          }
          well.addEventListener("keydown", (event) => {
            const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -1e9, End: 1e9 }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            wells.forEach((each) => each.setAttribute("tabindex", "-1"));
            const next = wells[Math.max(0, Math.min(wells.length - 1, index + step))];
            next.setAttribute("tabindex", "0");
            next.focus();
          });
        }
      }
    }

    wireTabs() {
      const tabs = [...this.root.querySelectorAll("[role=tab]")];
      const select = (tab) => {
        for (const each of tabs) {
          each.setAttribute("aria-selected", String(each === tab));
          each.tabIndex = each === tab ? 0 : -1;
          document.getElementById(each.getAttribute("aria-controls")).hidden = each !== tab;
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
      this.tabs = tabs;
    }
  }

  // The plots of the vessels of one stage, for the reaction that is chosen.
  class Courses {
    constructor(root) {
      this.marked = [...root.querySelectorAll("[data-of]")];
      this.select = root.querySelector(".course");
      if (!this.select) return;
      this.select.closest(".choice").hidden = false;
      this.select.addEventListener("change", () => this.show());
      this.show();
    }

    choose(reaction) {
      if (!this.select || ![...this.select.options].some((each) => each.value === reaction)) return;
      this.select.value = reaction;
      this.show();
    }

    show() {
      for (const each of this.marked) {
        each.classList.toggle(each.dataset.other, each.dataset.of !== this.select.value);
      }
    }
  }

  let films = [];
  let seen = null;

  function wireContents() {
    seen?.disconnect();
    const links = [...document.querySelectorAll(".contents a")];
    seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((each) => each.isIntersecting)) {
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
    const root = document.documentElement;
    root.classList.add("scripted");
    const theme = document.getElementById("theme");
    theme.hidden = false;
    theme.addEventListener("click", () => {
      const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
      root.dataset.theme = now === "dark" ? "light" : "dark";
    });
    const print = document.getElementById("print");
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }

  // Where the reader is on each film, and how to get there again: for live.js.
  const where = () =>
    films.map((film) => ({
      frame: film.frame,
      chosen: film.chosen,
      tab: film.tabs.findIndex((tab) => tab.tabIndex === 0),
      course: film.courses?.select?.value,
    }));

  function start(places = []) {
    wireContents();
    films = [...document.querySelectorAll(".film")].map((root) => new Film(root));
    [...document.querySelectorAll(".vessels")].forEach((root, index) => {
      if (films[index]) films[index].courses = new Courses(root);
    });
    for (const [index, film] of films.entries()) {
      const place = places[index];
      if (!place) continue;
      film.show(place.frame);
      if (place.chosen) film.choose(place.chosen);
      film.tabs[place.tab]?.click();
      if (place.course) film.courses?.choose(place.course);
    }
  }

  window.review = { start, where };
  wirePage();
  start();
})();
