// senmeteo: the live page. The server draws; this script applies a newer drawing of the same address to the page.
"use strict";

const root = document.documentElement;
const byId = (id) => document.getElementById(id);

// ---- change one tree of elements to the state of another, without touching what is equal ----

function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(document.importNode(fresh, true));
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old.id === "live" || old.id === "readout") return; // the script's own
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((node, i) => {
    if (before[i]) morph(before[i], node);
    else old.append(document.importNode(node, true));
  });
  before.slice(after.length).forEach((node) => node.remove());
}

let asking = null;

// show fetches an address of the page and shows it; false when that was not possible.
async function show(address) {
  const kept = String(address) === location.href && chosen >= 0 ? chosen : null;
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "text/html" } });
    if (!answer.headers.get("Content-Type")?.startsWith("text/html")) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asking || !fresh.getElementById("main")) return false;
    for (const name of ["data-version", "data-clock", "data-down"]) root.setAttribute(name, fresh.documentElement.getAttribute(name));
    morph(byId("main"), fresh.getElementById("main"));
    morph(document.querySelector(".languages"), fresh.querySelector(".languages"));
    setClock();
    showEnds();
    point(kept);
    return true;
  } catch {
    return false;
  } finally {
    if (asking === mine) asking = null;
  }
}

// ---- the newest days of a wide table are at its end ----

const ended = new WeakSet(); // what was scrolled there once

function showEnds() {
  for (const box of document.querySelectorAll("[data-end]")) {
    if (!ended.has(box)) box.scrollLeft = box.scrollWidth;
    ended.add(box);
  }
}

// ---- links to other views of the page do not reload it ----

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const address = new URL(link.href.baseVal ?? link.href, location.href);
  if (address.origin !== location.origin || address.pathname !== "/" || address.hash || link.hasAttribute("data-whole")) return;
  event.preventDefault();
  if (await show(address)) history.pushState(null, "", address);
  else location.assign(address);
});
window.addEventListener("popstate", () => show(location.href));

// ---- ages grow while the page is open ----

let ahead = 0; // of our clock before the server's, milliseconds

function setClock() {
  ahead = Date.now() - Date.parse(root.dataset.clock);
}

function ageText(milliseconds) {
  const minutes = Math.floor(milliseconds / 60000);
  if (minutes < 1) return root.dataset.ageNow;
  if (minutes < 120) return root.dataset.ageMinutes.replace("{}", minutes);
  if (minutes < 48 * 60) return root.dataset.ageHours.replace("{}", Math.floor(minutes / 60));
  return root.dataset.ageDays.replace("{}", Math.floor(minutes / 1440));
}

setInterval(() => {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const text = ageText(Date.now() - ahead - Date.parse(time.dateTime));
    const ago = time.querySelector(".ago");
    if (ago && ago.textContent !== text) ago.textContent = text;
  }
}, 5000);

// ---- the event stream ----

const silence = 30000; // milliseconds without a heartbeat after which the stream counts as lost
let stream = null;
let heard = Date.now();
let confirmed = Date.now(); // when the values were last known to be the newest

function say(state) {
  const live = byId("live");
  const clock = new Date(confirmed - ahead).toISOString().slice(11, 16);
  const text = live.dataset[state].replace("{}", clock);
  if (live.dataset.state !== state) live.dataset.state = state;
  if (byId("live-text").textContent !== text) byId("live-text").textContent = text;
}

function alive() {
  heard = Date.now();
  confirmed = heard;
  say(root.dataset.down === "true" ? "waiting" : "live");
}

function listen() {
  stream?.close();
  heard = Date.now();
  stream = new EventSource("/events");
  stream.addEventListener("version", async (event) => {
    heard = Date.now();
    if (event.data === root.dataset.version || (await show(location.href))) alive();
  });
  stream.addEventListener("beat", alive);
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) poll(); // refused: too many visitors
    else say("lost");
  };
}

let polling = 0;

// poll asks once a minute and then tries the stream again.
function poll() {
  clearTimeout(polling);
  polling = setTimeout(async () => {
    if (document.hidden) return;
    if (await show(location.href)) confirmed = Date.now();
    listen();
  }, 60000);
  say(Date.now() - confirmed < 2 * 60000 ? "polling" : "lost");
}

setInterval(() => {
  if (stream?.readyState === EventSource.OPEN && Date.now() - heard > silence) {
    say("lost");
    listen();
  }
}, 5000);

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    stream?.close(); // a page that nobody sees keeps no connection
    clearTimeout(polling);
  } else {
    listen();
  }
});

// ---- values under the pointer ----

let chosen = -1;

function readings() {
  return JSON.parse(byId("plot")?.dataset.readings || "[]");
}

// point shows one reading of the chart, or none.
function point(index) {
  const plot = byId("plot");
  const readout = byId("readout");
  if (!plot || !readout) return;
  const all = readings();
  const reading = index === null ? undefined : all[index];
  plot.classList.toggle("reading", Boolean(reading));
  readout.classList.toggle("on", Boolean(reading));
  chosen = reading ? index : -1;
  readout.textContent = reading ? `${reading[2]} – ${reading[3]}` : readout.dataset.hint;
  if (!reading) return;
  byId("cursor").setAttribute("x1", `${reading[0]}%`);
  byId("cursor").setAttribute("x2", `${reading[0]}%`);
  byId("cursor-dot").setAttribute("cx", `${reading[0]}%`);
  byId("cursor-dot").setAttribute("cy", `${reading[1]}%`);
}

document.addEventListener("pointermove", (event) => {
  const plot = event.target.closest?.("#plot");
  if (!plot) {
    if (chosen >= 0 && document.activeElement?.id !== "plot") point(null);
    return;
  }
  const box = plot.querySelector(".area").getBoundingClientRect();
  const x = (100 * (event.clientX - box.left)) / box.width;
  let best = null;
  readings().forEach((reading, i, all) => {
    if (best === null || Math.abs(reading[0] - x) < Math.abs(all[best][0] - x)) best = i;
  });
  point(best);
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "plot") return;
  const last = readings().length - 1;
  const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -12, PageDown: 12, Home: -Infinity, End: Infinity }[event.key];
  if (event.key === "Escape") point(null);
  if (step === undefined || last < 0) return;
  event.preventDefault();
  const from = chosen < 0 ? last + (step < 0 ? 1 : 0) : chosen;
  point(Math.min(last, Math.max(0, from + step)));
});

setClock();
showEnds();
say("connecting");
listen();
