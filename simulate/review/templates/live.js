"use strict";
(() => {
  const say = (text, state) => {
    const live = document.getElementById("live");
    if (live) {
      live.textContent = text;
      live.className = state;
    }
  };
  let asked = 0;

  // Puts the new page's parts in the place of the old ones; scroll, step and tab stay.
  async function renew() {
    const number = ++asked;
    const answer = await fetch("/", { cache: "no-store" });
    const text = await answer.text();
    if (number !== asked) return;
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const places = window.review.where();
    const open = [...document.querySelectorAll("details")].map((each) => each.open);
    const [x, y] = [scrollX, scrollY];
    document.getElementById("page").replaceWith(fresh.getElementById("page"));
    document.querySelector(".contents ol").replaceWith(fresh.querySelector(".contents ol"));
    document.title = fresh.title;
    document.querySelectorAll("details").forEach((each, index) => (each.open = open[index] ?? false));
    window.review.start(places);
    scrollTo({left: x, top: y, behavior: 'instant'});
  }

  const events = new EventSource("/events");
  events.addEventListener("page", (event) => {
    renew().then(() => say(event.data, event.data === "live" ? "" : "waiting"));
  });
  events.addEventListener("error", () => {
    lost = true;
    say("server gone", "lost");
  });
  // After a break the page may be an old one; the status that comes first says how it stands.
  let lost = false;
  events.addEventListener("status", (event) => {
    say(event.data, event.data === "live" ? "" : "waiting");
    if (lost) renew();
    lost = false;
  });
})();
