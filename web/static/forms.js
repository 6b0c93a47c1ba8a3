// Forms that write, sent without leaving the page: the parts that the answer has anew are swapped, and what is new on
// the list of who rates is said. Without this script they are plain forms.
import { busy, load } from "./parts.js";

const PAUSE_MS = 700; // after the last arrow key or drag
const NAMED = 3; // movies that are new on the list
const SAID_MS = 10000; // a message stays so long, or while it is pointed at or has the focus
let leaves;
const waiting = new Map(); // forms whose stars were moved, with their timers
let last = Promise.resolve(); // one form after the other, so that the newest answer comes last

document.documentElement.classList.add("scripted");

function cards() {
  return [...document.querySelectorAll("[data-list] .card[data-movie]")];
}

function send(form, button) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.set(button.name, button.value);
  last = last.then(() => post(form, body));
  return last;
}

async function post(form, body) {
  const before = cards().map((card) => card.dataset.movie);
  const place = cards().findIndex((card) => card.contains(document.activeElement));
  busy(true);
  try {
    await load(form.action, { method: "POST", body, keepalive: true });
  } catch (error) {
    form.reset();
    for (const stars of form.querySelectorAll("[type=range]")) show(stars);
    return say(error.message, true);
  } finally {
    busy(false);
  }
  tell(before);
  leave();
  if (place >= 0 && document.activeElement === document.body) cards()[place]?.querySelector("h3 a").focus({ preventScroll: true });
}

// Says which movies came to the list, and marks them for a moment.
function tell(before) {
  const now = cards();
  const fresh = now.filter((card) => !before.includes(card.dataset.movie));
  const kept = now.map((card) => card.dataset.movie).filter((id) => before.includes(id));
  for (const card of before.length ? fresh : []) card.classList.add("new");
  if (before.length && fresh.length) say(`New on your list: ${names(fresh.map((card) => card.querySelector("h3 a").textContent))}.`);
  else if (kept.join() !== before.filter((id) => kept.includes(id)).join()) say("Your list has a new order.");
}

function names(titles) {
  const named = titles.length > NAMED + 1 ? [...titles.slice(0, NAMED), `${titles.length - NAMED} more`] : titles;
  return named.length > 1 ? `${named.slice(0, -1).join(", ")} and ${named.at(-1)}` : named[0];
}

function say(text, alone = false) {
  const said = document.getElementById("said");
  const note = (!alone && said.querySelector(".said > span")) || said.appendChild(document.createElement("p"));
  if (note.tagName === "P") {
    note.className = "note said";
    if (alone) said.replaceChildren(note);
    if (alone) clearTimeout(leaves);
  }
  note.append(` ${text}`);
}

function leave(after = SAID_MS) {
  clearTimeout(leaves);
  leaves = setTimeout(() => {
    const note = document.querySelector(".said");
    if (note?.matches(":hover, :focus-within")) leave(1000);
    else note?.remove();
  }, after);
}

function inWords(stars, value) {
  return Number(value) > Number(stars.min) ? value : "not rated"; // as numbers: 0 is 0.0
}

function show(stars) {
  const words = inWords(stars, stars.value);
  stars.setAttribute("aria-valuetext", words === stars.value ? `${words} stars` : words);
  stars.form.querySelector("output").value = words;
}

// What a click at the pointer would give.
function preview(stars, x) {
  const { left, width } = stars.getBoundingClientRect();
  const [min, max, step] = [stars.min, stars.max, stars.step].map(Number);
  const value = min + step * Math.round(((x - left) / width) * ((max - min) / step));
  stars.style.setProperty("--preview", `${(100 * (value - min)) / (max - min)}%`);
  stars.form.querySelector("output").value = inWords(stars, String(value));
}

function endPreview(stars) {
  stars.style.removeProperty("--preview");
  show(stars);
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-live]")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

document.addEventListener("pointermove", ({ target, clientX, pointerType, buttons }) => {
  if (pointerType === "mouse" && !buttons && target.matches(".stars > [type=range]")) preview(target, clientX);
});

for (const end of ["pointerout", "pointerdown"])
  document.addEventListener(end, ({ target }) => {
    if (target.style?.getPropertyValue("--preview")) endPreview(target);
  });

document.addEventListener("input", ({ target }) => {
  if (target.matches(".stars > [type=range]")) show(target);
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches(".stars > [type=range]")) return;
  clearTimeout(waiting.get(target.form));
  waiting.set(target.form, setTimeout(() => settle(target), PAUSE_MS));
});

document.addEventListener("focusout", ({ target }) => {
  if (waiting.has(target.form)) settle(target);
});

function settle(stars) {
  if (Number(stars.value) !== Number(stars.defaultValue)) return send(stars.form);
  clearTimeout(waiting.get(stars.form));
  waiting.delete(stars.form);
}

document.addEventListener("click", ({ target }) => {
  if (target.matches(".said .close")) target.closest(".said").remove();
  if (target.matches("[data-copy]")) copy(target);
});

// Where the browser gives no clipboard, as over plain http, the number is selected.
async function copy(button) {
  const words = document.getElementById(button.dataset.copy);
  getSelection().selectAllChildren(words);
  await navigator.clipboard?.writeText(words.textContent).then(() => (button.textContent = "Copied"), () => {});
}

leave();
