// Narrows a list when a filter of form[data-narrows] changes: the parts of the page marked data-fresh are replaced, and
// the address says what is shown. Listens at the document, so that a form may be replaced, too.
import { loadLast } from "./parts.js";

async function narrow(form) {
  if (!form.reportValidity()) return;
  const said = form.querySelector("[role=status]");
  const address = addressOf(form);
  try {
    if (!(await loadLast(address))) return;
    history.replaceState(history.state, "", address);
    said.textContent = "The list has changed.";
  } catch (error) {
    said.textContent = error.message;
  }
}

function addressOf(form) {
  const asked = [...new FormData(form)].filter(([name, value]) => value !== "" && !(name === "less_popular" && value === "0"));
  const query = new URLSearchParams(asked).toString().replaceAll("%2C", ",");
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
