// Narrows a list when a filter of form[data-narrows] changes: the parts of the page marked data-fresh are replaced, and
// the address says what is shown. Listens at the document, so that a form may be replaced, too.
import { load } from "./parts.js";

let latest; // of the requests under way only this one counts

async function narrow(form) {
  if (!form.reportValidity()) return;
  latest?.abort();
  const own = (latest = new AbortController());
  const said = form.querySelector("[role=status]");
  const address = addressOf(form);
  try {
    await load(address, { signal: own.signal });
    if (own.signal.aborted) return;
    history.replaceState(history.state, "", address);
    said.textContent = "The list has changed.";
  } catch (error) {
    if (!own.signal.aborted) said.textContent = error.message;
  }
}

function addressOf(form) {
  const asked = [...new FormData(form)].filter(([name, value]) => value !== "" && !(name === "less_popular" && value === "0"));
  const query = new URLSearchParams(asked).toString();
  return form.action.split(/[?#]/)[0] + (query && `?${query}`);
}

function formOf(event) {
  return event.target.closest("form[data-narrows]");
}

document.addEventListener("input", (event) => {
  if (formOf(event) && event.target.type === "range") event.target.parentElement.querySelector("output").value = `${event.target.value} %`;
});
document.addEventListener("change", (event) => formOf(event) && narrow(formOf(event)));
document.addEventListener("submit", (event) => {
  if (!formOf(event)) return;
  event.preventDefault();
  narrow(formOf(event));
});
for (const button of document.querySelectorAll("form[data-narrows] button")) button.hidden = true; // changes are enough
