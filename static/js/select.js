// Selecting photos in a grid: a click, a range with Shift, a whole month; then delete after asking.
const root = document.documentElement;
let last = null; // the tick a range starts from
let isCut = false; // whether a month was chosen of which not all photos are here yet

const ticks = () => [...document.querySelectorAll("#grid .tick input")];
const ticked = () => ticks().filter((tick) => tick.checked);

function show() {
  const count = ticked().length;
  const words = count === 1 ? "1 photo" : `${count.toLocaleString("en-GB")} photos`;
  for (const place of document.querySelectorAll("[data-count]")) {
    place.textContent = place.closest("dialog") ? words : count ? `${words} selected${isCut ? ", those loaded so far" : ""}` : "Select photos";
  }
  for (const button of document.querySelectorAll("#selection [type=submit]")) button.disabled = count === 0;
}

function select(isOn) {
  root.classList.toggle("selecting", isOn);
  document.querySelector(".select-start")?.setAttribute("aria-pressed", String(isOn));
  if (!isOn) {
    for (const tick of ticked()) tick.checked = false;
    last = null;
    isCut = false;
  }
  show();
}

function tickThrough(tick, isRange) {
  const all = ticks();
  if (isRange && last?.isConnected) {
    const [from, to] = [all.indexOf(last), all.indexOf(tick)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.checked = tick.checked;
  }
  last = tick;
  root.classList.add("selecting");
  document.querySelector(".select-start")?.setAttribute("aria-pressed", "true");
  show();
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest(".select-start")) return select(!root.classList.contains("selecting"));
  if (target.closest(".select-none")) return select(false);
  if (target.closest("#ask-delete [data-close]")) return document.querySelector("#ask-delete").close();
  const month = target.closest(".select-all")?.closest(".month");
  if (month) {
    const inside = [...month.querySelectorAll(".tick input")];
    const isOn = inside.some((tick) => !tick.checked);
    for (const tick of inside) tick.checked = isOn;
    isCut = isOn && !!document.querySelector("#more") && month === [...document.querySelectorAll("#grid .month")].at(-1);
    root.classList.add("selecting");
    return show();
  }
  if (target.matches(".tick input")) return tickThrough(target, event.shiftKey);
  const photo = root.classList.contains("selecting") && target.closest("#grid .photos a");
  if (photo && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    const tick = photo.parentElement.querySelector(".tick input");
    tick.checked = !tick.checked;
    tickThrough(tick, event.shiftKey);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && root.classList.contains("selecting") && !document.querySelector("dialog[open]")) select(false);
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "selection") return;
  event.preventDefault();
  const dialog = document.querySelector("#ask-delete");
  dialog.querySelector("[name=ids]").value = ticked().map((tick) => tick.value).join();
  show();
  dialog.showModal();
});

/** The photo that follows the selected ones, or else the last one before them. */
function afterwards() {
  const all = ticks();
  const end = all.findLastIndex((tick) => tick.checked);
  const next = all.slice(end + 1).find((tick) => !tick.checked) || all.slice(0, end).findLast((tick) => !tick.checked);
  return next?.closest("li");
}

// Nothing is left of this page of photos: it is loaded again, and its heading has the focus.
const AFTER_RELOAD = "focus-heading";

function reloadToHeading() {
  history.replaceState({ ...history.state, [AFTER_RELOAD]: true }, "");
  location.reload();
}

if (history.state?.[AFTER_RELOAD]) {
  history.replaceState({ ...history.state, [AFTER_RELOAD]: false }, "");
  const heading = document.querySelector("h1, .empty h2");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus();
  }
}

document.addEventListener("htmx:afterRequest", (event) => {
  const dialog = event.target.closest?.("#ask-delete");
  if (!dialog || !event.detail.successful) return;
  dialog.close();
  const next = afterwards();
  for (const tick of ticked()) tick.closest("li").remove();
  for (const month of document.querySelectorAll("#grid .month")) if (!month.querySelector("li")) month.remove();
  select(false);
  if (!document.querySelector("#grid .month")) return reloadToHeading();
  next.querySelector("a").focus({ preventScroll: true });
  // Counts on the page follow from the server, the place in the grid stays.
  htmx.ajax("GET", location.pathname + location.search, { target: "#head", select: "#head", swap: "outerHTML show:none" });
});

show();
