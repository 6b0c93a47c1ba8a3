// Likes and dislikes: shows the votes of the user whose number is in the form, stores those that are clicked, and takes
// one back when it is clicked again. The number is remembered by the browser, the key until its window is closed.
const form = document.querySelector(".voter");
const { user, key } = form.elements;
const said = form.querySelector("[role=status]");
const forYou = form.querySelector(".for-you");
const titles = [...document.querySelectorAll(".vote")];
const WORDS = { 1: "likes", [-1]: "dislikes" };

function remembered(place, name, value) {
  try {
    if (value !== undefined) window[place].setItem(name, value);
    return window[place].getItem(name);
  } catch {
    return null; // the browser keeps nothing for this site
  }
}

async function call(path, options = {}) {
  const headers = { "Content-Type": "application/json", "X-API-Key": key.value };
  let answer, content;
  try {
    answer = await fetch(form.dataset.votes.replace("USER", user.value) + path, { ...options, headers });
    content = await answer.json();
  } catch {
    throw new Error("The site does not answer at the moment. Try again.");
  }
  if (!answer.ok) throw new Error(content.error.message);
  return content;
}

function show(title, vote) {
  for (const button of title.querySelectorAll("button")) button.setAttribute("aria-pressed", Number(button.value) === vote);
}

async function load() {
  const asked = user.value;
  for (const title of titles) show(title, 0);
  said.textContent = "";
  if (forYou) forYou.hidden = !user.validity.valid;
  if (!user.validity.valid) return;
  if (forYou) forYou.href = form.dataset.page.replace("USER", asked);
  const items = [];
  let page;
  do {
    page = await call(`?offset=${items.length}`);
    if (user.value !== asked) return; // another number was typed meanwhile
    items.push(...page.items);
  } while (page.items.length && items.length < page.total);
  const votes = new Map(items.map((item) => [item.media_id, item.vote]));
  for (const title of titles) show(title, votes.get(title.dataset.title) ?? 0);
}

async function send(title, button) {
  if (!form.reportValidity()) return;
  const vote = button.getAttribute("aria-pressed") === "true" ? 0 : Number(button.value);
  const buttons = title.querySelectorAll("button");
  for (const each of buttons) each.disabled = true;
  try {
    const path = `/${encodeURIComponent(title.dataset.title)}`;
    await call(path, vote ? { method: "PUT", body: JSON.stringify({ vote }) } : { method: "DELETE" });
    remembered("sessionStorage", "key", key.value);
    show(title, vote);
    const name = title.dataset.name;
    said.textContent = vote ? `User ${user.value} ${WORDS[vote]} «${name}».` : `Your vote on «${name}» was removed.`;
  } finally {
    for (const each of buttons) each.disabled = false;
    button.focus();
  }
}

function tell(work) {
  work.catch((error) => (said.textContent = error.message));
}

for (const title of titles) {
  for (const button of title.querySelectorAll("button")) {
    button.addEventListener("click", () => tell(send(title, button)));
  }
  title.hidden = false;
}
form.addEventListener("submit", (event) => event.preventDefault());
if (user.type !== "hidden") {
  user.value = remembered("localStorage", "user") ?? "";
  user.addEventListener("change", () => {
    remembered("localStorage", "user", user.value);
    tell(load());
  });
}
key.value = remembered("sessionStorage", "key") ?? "";
form.hidden = false;
tell(load());
