// Brings a page up to date by itself, soon again while a job runs.
import { load, parts } from "./parts.js";

const BUSY_MS = 3000; // while a job runs
const IDLE_MS = 15000;

async function refresh() {
  const fresh = await load(location.href);
  // what was replaced has left the fresh page; a part that is new there is of a job that ran for the first time
  if (parts(fresh).some((part) => !document.getElementById(part.id))) location.reload();
}

async function look() {
  if (!document.hidden) {
    const stale = document.getElementById("stale");
    await refresh().then(() => (stale.hidden = true), () => (stale.hidden = false));
  }
  setTimeout(look, document.querySelector(".under-way li") ? BUSY_MS : IDLE_MS);
}

export function watch() {
  setTimeout(look, BUSY_MS);
}
