// Brings the page of runs up to date by itself: every part that changed is replaced, opened records stay open.
const BUSY_MS = 3000; // while a job runs
const IDLE_MS = 15000;

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = (page) => [...page.querySelectorAll("[data-fresh]")];
  if (parts(fresh).length !== parts(document).length) return location.reload(); // a job ran for the first time
  for (const part of parts(fresh)) replace(document.getElementById(part.id), part);
}

function replace(old, part) {
  const open = [...old.querySelectorAll("details[open]")].map((one) => one.id);
  const focused = old.contains(document.activeElement) && document.activeElement.closest("details")?.id;
  for (const id of open) part.querySelector(`[id="${id}"]`)?.setAttribute("open", "");
  if (old.outerHTML === part.outerHTML) return;
  old.replaceWith(document.adoptNode(part));
  if (focused) document.getElementById(focused)?.querySelector("summary").focus();
}

async function watch() {
  if (!document.hidden) {
    const stale = document.getElementById("stale");
    await refresh().then(() => (stale.hidden = true), () => (stale.hidden = false));
  }
  setTimeout(watch, document.querySelector(".under-way li") ? BUSY_MS : IDLE_MS);
}

setTimeout(watch, BUSY_MS);
