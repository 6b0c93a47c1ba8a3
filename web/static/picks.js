// What a visitor likes, kept by the browser. The first page has all of it in its address and makes the list; there a
// pick brings the parts of the page up to date. On other pages it is marked in place, and a line leads to the list.
import { loadLast } from "./parts.js";

const KEY = "recommender.picks";
const MOST = 100;
const isHome = document.getElementById("picks") !== null;
const line = document.getElementById("picked");
const offer = document.getElementById("offer"); // to save them, on the page of who has just signed in
let state = { picks: [], without: [] };
// the line that leads to the list is not needed where the list is seen
const seen = new IntersectionObserver((entries) => line.classList.toggle("unseen", entries.at(-1).isIntersecting));

// What the browser has kept; null where it keeps nothing, as in a private window, or something else.
function kept() {
  try {
    const { picks, without } = JSON.parse(localStorage.getItem(KEY));
    return { picks: picks.filter(Number.isInteger), without: without.filter(Number.isInteger) };
  } catch {
    return null;
  }
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // it goes on without: the address has all of it
  }
}

function inAddress() {
  const query = new URLSearchParams(location.search);
  const numbers = (name) => (query.get(name) ?? "").split(",").filter((part) => /^\d{1,10}$/.test(part)).map(Number);
  return query.has("picks") || query.has("without") ? { picks: numbers("picks"), without: numbers("without") } : null;
}

// What the site has taken of the picks that it was asked for: the fields that the search form carries along.
function taken() {
  const numbers = (name) => document.querySelector(`#carried [name=${name}]`)?.value.split(",").map(Number) ?? [];
  return { picks: numbers("picks"), without: numbers("without") };
}

// The same for forms: what is asked for next has what was just picked, also before the site has answered.
function carry() {
  for (const place of document.querySelectorAll("#carried, #kept, #offered")) {
    const fields = Object.entries(state).filter(([, ids]) => ids.length);
    place.replaceChildren(...fields.map(([name, ids]) => Object.assign(document.createElement("input"), { type: "hidden", name, value: ids.join(",") })));
  }
}

function address({ picks, without }) {
  const query = new URLSearchParams(isHome ? location.search : "");
  const narrowed = document.querySelector("#yours form[data-narrows]");
  for (const [name, value] of narrowed ? new FormData(narrowed) : []) value && value !== "0" ? query.set(name, value) : query.delete(name);
  for (const [name, ids] of Object.entries({ picks, without })) ids.length ? query.set(name, ids.join(",")) : query.delete(name);
  const text = query.toString().replaceAll("%2C", ",");
  return text ? `/?${text}` : "/";
}

// The state after a click on one of the links that say something of a movie.
function after({ pick, hide, show, restart }) {
  const { picks, without } = state;
  if (restart !== undefined) return { picks: [], without: [] };
  if (show !== undefined) return { picks, without: [] };
  if (hide !== undefined) return { picks, without: [...without, Number(hide)].slice(-MOST) };
  const movie = Number(pick);
  if (picks.includes(movie)) return { picks: picks.filter((each) => each !== movie), without };
  return { picks: [...picks, movie].slice(0, MOST), without: without.filter((each) => each !== movie) };
}

function say(text) {
  const count = state.picks.length;
  const link = Object.assign(document.createElement("a"), { href: isHome ? "#your-list" : address(state) });
  link.textContent = text ?? `${count} picked: see your list`;
  line.hidden = !text && !count;
  line.replaceChildren(line.hidden ? "" : link);
  seen.disconnect();
  const list = document.getElementById("yours");
  if (list && !text) seen.observe(list);
}

function mark() {
  for (const link of document.querySelectorAll("a[data-pick]")) {
    const is = state.picks.includes(Number(link.dataset.pick));
    link.classList.toggle("on", is);
    link.firstElementChild.textContent = is ? "✓ Picked" : "I like this";
    link.href = address(after(link.dataset));
  }
  if (offer) offerToSave();
  say();
}

function offerToSave() {
  const count = state.picks.length;
  carry();
  offer.hidden = !count;
  offer.querySelector("button").textContent = `Save your ${count} pick${count === 1 ? "" : "s"} as a new user`;
}

// What was clicked stays where it was on the screen, though the list above it grows, and keeps the focus.
function returnTo({ part, movie, top }) {
  const field = document.querySelector("[data-found] input[name=q]");
  if (part === "found") return Object.assign(field, { value: "" }).focus();
  const link = document.querySelector(`#${part} a[data-pick="${movie}"]`) ?? document.querySelector(`#${part} a`);
  (link?.checkVisibility() ? link : field).focus({ preventScroll: true });
  if (link?.dataset.pick === movie) window.scrollBy({ top: link.getBoundingClientRect().top - top, behavior: "instant" });
}

async function refresh(link) {
  const at = link && { part: link.closest("[data-fresh]").id, movie: link.dataset.pick ?? link.dataset.hide, top: link.getBoundingClientRect().top };
  try {
    if (!(await loadLast(address(state)))) return;
  } catch (error) {
    return say(error.message);
  }
  state = taken();
  keep();
  document.getElementById("yours").hidden = !state.picks.length;
  history.replaceState({ ours: true }, "", address(state));
  if (at) returnTo(at);
  say();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-pick], a[data-hide], a[data-show], a[data-restart]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  state = after(link.dataset);
  keep();
  carry();
  isHome ? refresh(link) : mark();
});

// An address that was typed or sent counts; one that this page wrote itself may be older than what the browser keeps.
function start() {
  const stored = kept();
  const here = inAddress();
  state = (isHome && here && !(history.state?.ours && stored) ? here : stored ?? here) ?? state;
  if (!isHome) return mark();
  history.replaceState({ ours: true }, "");
  if (JSON.stringify(state) !== JSON.stringify(here ?? { picks: [], without: [] })) return refresh();
  state = taken();
  keep();
  say();
}

start();
addEventListener("pageshow", (event) => event.persisted && start());
