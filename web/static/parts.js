// Brings parts of a page up to date: those marked data-fresh, each by its id, are replaced where they changed. Opened
// <details> stay open, and the focus stays where it was.

// Fetches a page and replaces the parts that it shares with this one; returns it. Throws an Error whose message is the
// sentence of the page of an error.
export async function load(address, options = {}) {
  const headers = { Accept: "text/html", ...options.headers };
  const answer = await fetch(address, { ...options, headers }).catch(() => null);
  if (!answer) throw new Error("The site does not answer at the moment. Try again.");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!answer.ok) throw new Error(page.querySelector("main .lead")?.textContent.trim() || `The site answered ${answer.status}.`);
  for (const part of parts(page)) replace(document.getElementById(part.id), part);
  return page;
}

// Whether lists of the page are being made anew.
export function busy(is) {
  for (const list of document.querySelectorAll("#list, #listed")) is ? list.setAttribute("aria-busy", "true") : list.removeAttribute("aria-busy");
}

let latest = new AbortController();

// As load, for addresses that say the state of the whole page: only the last one asked for counts. Returns null for one
// that another came after.
export async function loadLast(address) {
  latest.abort();
  const own = (latest = new AbortController());
  busy(true);
  try {
    return await load(address, { signal: own.signal });
  } catch (error) {
    if (own.signal.aborted) return null;
    throw error;
  } finally {
    if (own === latest) busy(false);
  }
}

export function parts(page) {
  return [...page.querySelectorAll("[data-fresh]")];
}

function replace(old, part) {
  if (!old) return;
  old.removeAttribute("aria-busy");
  for (const one of old.querySelectorAll("details[open]")) if (one.id) part.querySelector(`#${CSS.escape(one.id)}`)?.setAttribute("open", "");
  if (old.outerHTML === part.outerHTML) return;
  const focused = old.contains(document.activeElement) && document.activeElement.closest("[id]")?.id;
  old.replaceWith(document.adoptNode(part));
  const now = focused && document.getElementById(focused);
  if (now) (now.tagName === "DETAILS" ? now.querySelector("summary") : now).focus();
}
