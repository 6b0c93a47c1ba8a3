// Shows movies below the search field while a title is being typed. Answers that come too late are dropped.
import { load } from "./parts.js";

const PAUSE_MS = 150; // after the last key
const form = document.querySelector("form[data-found]");
const field = form.elements.q;
const said = document.getElementById("found-said");
let asked = new AbortController();
let waiting;

const found = () => document.getElementById("found");
const links = () => [...found().querySelectorAll("a")];

function clear() {
  found().replaceChildren();
  said.textContent = "";
}

async function find() {
  asked.abort();
  if (!field.value.trim()) return clear();
  if (!form.checkValidity()) return;
  asked = new AbortController();
  const { signal } = asked;
  try {
    await load(`${form.dataset.found}?${new URLSearchParams(new FormData(form))}`, { signal });
    const count = found().querySelectorAll("li a[href^='/movies/']").length;
    said.textContent = count ? `${count} found` : "Nothing found";
  } catch (error) {
    if (signal.aborted) return;
    found().textContent = error.message;
  }
}

field.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(find, PAUSE_MS);
});

// Arrow keys walk from the field through the links and back; Escape leaves.
form.parentElement.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const places = [field, ...links()];
  const at = places.indexOf(document.activeElement);
  if (event.key === "Escape" && links().length) {
    clear();
    field.focus();
  } else if (step && at >= 0 && places.length > 1) {
    event.preventDefault();
    places.at((at + step) % places.length).focus();
  }
});
