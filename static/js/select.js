// Selecting photos in a grid: a click, a range with Shift, a whole month, a long press; then delete after asking, say what
// they show, put into an album, or take out of one.
const LONG_PRESS_MS = 450;
const SLOP_PX = 10;
const AFTERWARDS_MS = 100;
const root = document.documentElement;
let last = null; // the tick a range starts from
let isCut = false; // whether a month was chosen of which not all photos are here yet

const ticks = () => [...document.querySelectorAll("#grid .tick input")];
const ticked = () => ticks().filter((tick) => tick.checked);

function phrase(place, count) {
  const { none, one, other, cut } = place.dataset;
  const words = (!count && none) || (isCut && cut) || (count <= 1 ? one : other);
  return words.replace("#", count.toLocaleString(root.lang));
}

function show() {
  const count = ticked().length;
  for (const place of document.querySelectorAll("#selection [role=status], #ask-delete-title, #ask-correct-title")) {
    const words = phrase(place, count);
    if (place.textContent !== words) place.textContent = words;
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
  select(true);
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (press?.isDone && target.closest("#grid")) return event.preventDefault(); // the finger that pressed long is lifted
  if (target.closest(".select-start")) return select(!root.classList.contains("selecting"));
  if (target.closest(".select-none")) return select(false);
  if (target.closest("dialog.ask [data-close]")) {
    event.preventDefault(); // a link there leads to the page that is here already
    return target.closest("dialog").close();
  }
  const month = target.closest(".select-all")?.closest(".month");
  if (month) {
    const inside = [...month.querySelectorAll(".tick input")];
    const isOn = inside.some((tick) => !tick.checked);
    for (const tick of inside) tick.checked = isOn;
    const [first, end] = [document.querySelector("#grid > .month"), [...document.querySelectorAll("#grid > .month")].at(-1)];
    const goesOn = (month === end && document.querySelector("#more")) || (month === first && document.querySelector("#newer"));
    isCut = isOn && !!goesOn;
    return select(true);
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

// A finger held still on a photo selects it. A finger that moves scrolls.
let press = null;

function endPress() {
  const ended = press;
  clearTimeout(ended?.timer);
  // The click that may follow has to know of the press.
  setTimeout(() => press === ended && (press = null), ended?.isDone ? AFTERWARDS_MS : 0);
}

document.addEventListener("pointerdown", (event) => {
  clearTimeout(press?.timer);
  press = null;
  const item = event.pointerType === "touch" && event.isPrimary && event.target.closest("#grid .photos a")?.parentElement;
  if (!item) return;
  press = { x: event.clientX, y: event.clientY, isDone: false, timer: setTimeout(() => pressed(item), LONG_PRESS_MS) };
});
document.addEventListener("pointermove", (event) => {
  if (press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLOP_PX) endPress();
});
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, endPress);
// Where a mouse would open a menu a finger selects.
document.addEventListener("contextmenu", (event) => press && event.preventDefault());

function pressed(item) {
  press.isDone = true;
  const tick = item.querySelector(".tick input");
  tick.checked = !tick.checked;
  navigator.vibrate?.(10);
  tickThrough(tick, false);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && root.classList.contains("selecting") && !document.querySelector("dialog[open]")) select(false);
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "selection") return;
  const { submitter } = event;
  if (submitter?.hasAttribute("data-ask-album")) askAlbum(event);
  else if (submitter?.hasAttribute("data-ask-correct")) {
    event.preventDefault();
    askCorrect(ticked().map((tick) => tick.closest("li")));
  }
  else if (submitter?.hasAttribute("data-take-out")) takeOut(event);
  else if (!submitter?.hasAttribute("formaction")) askDelete(event); // what leads elsewhere is sent as it is
});

const chosen = () => ticked().map((tick) => tick.value).join();

function askDelete(event) {
  event.preventDefault();
  const dialog = document.querySelector("#ask-delete");
  dialog.querySelector("[name=ids]").value = chosen();
  show();
  dialog.showModal();
}

/** What the form of the selection sends besides the ticks. */
function sent(form) {
  const [token, next] = ["csrfmiddlewaretoken", "next"].map((name) => form.elements[name].value);
  return { csrfmiddlewaretoken: token, next, ids: chosen() };
}

function askAlbum(event) {
  event.preventDefault();
  const { target: form, submitter } = event;
  const dialog = document.querySelector("#ask-album");
  dialog.querySelector("#choose").replaceChildren();
  dialog.showModal();
  htmx.ajax("POST", submitter.formAction, { source: dialog, values: sent(form), target: "#choose", swap: "outerHTML" });
}

/** Ask in a sheet what photos show. What proposes categories there comes when it is first wanted. */
function askCorrect(items) {
  const dialog = document.querySelector("#ask-correct");
  const { script, styles } = dialog.dataset;
  if (!document.querySelector(`link[href="${styles}"]`)) document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: styles }));
  import(script);
  const form = document.querySelector("#selection");
  const values = { ...sent(form), ids: items.map((item) => item.dataset.id).join() };
  values.walk = new URL(items[0].querySelector("a").href).search;
  if (form.elements.within) values.within = form.elements.within.value;
  const title = dialog.querySelector("h2");
  title.textContent = phrase(title, items.length);
  dialog.querySelector("#say").replaceChildren();
  dialog.showModal();
  htmx.ajax("POST", form.querySelector("[data-ask-correct]").formAction, { source: dialog, values, target: "#say", swap: "outerHTML" });
}
document.addEventListener("correct:ask", (event) => askCorrect([event.detail]));

// They are corrected: some leave the list, the others may be called otherwise. Over the viewer the sheet stays to say so.
document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.target.closest?.("#ask-correct");
  const done = dialog?.querySelector("[data-done]");
  if (!done) return dialog?.querySelector("#it-is")?.focus();
  const { gone, called } = JSON.parse(done.dataset.done);
  const itemOf = (id) => document.querySelector(`#grid .photos > li[data-id="${id}"]`);
  for (const [id, alt] of Object.entries(called)) itemOf(id)?.querySelector("img").setAttribute("alt", alt);
  if (document.querySelector("#viewer")?.open) done.querySelector("button, a").focus();
  else dialog.close();
  const first = ticked()[0]?.closest("li");
  const leaving = gone.map(itemOf).filter(Boolean);
  document.dispatchEvent(new CustomEvent("grid:corrected", { detail: leaving }));
  if (leaving.length) return leave(leaving);
  select(false);
  first?.querySelector("a").focus({ preventScroll: true });
});

function takeOut(event) {
  event.preventDefault();
  const { target: form, submitter } = event;
  htmx.ajax("POST", submitter.formAction, { source: submitter, values: sent(form), swap: "none" });
}

document.addEventListener("htmx:afterRequest", (event) => {
  const choose = event.target.closest?.("#ask-album, #ask-correct")?.querySelector("#choose, #say");
  if (choose && !event.detail.successful && event.detail.xhr?.status !== 422) choose.textContent = choose.dataset.failed ?? "";
});

// Once they are in the album the selection has served.
document.addEventListener(
  "close",
  (event) => event.target.id === "ask-album" && event.target.querySelector("[data-done]") && select(false),
  true,
);

/** The photo that follows those that leave, or else the last one before them. */
function afterwards(leaving) {
  const all = [...document.querySelectorAll("#grid .photos > li")];
  const end = all.findLastIndex((item) => leaving.includes(item));
  return all.slice(end + 1).find((item) => !leaving.includes(item)) || all.slice(0, end).findLast((item) => !leaving.includes(item));
}

/** Photos are in this list no more. */
function leave(leaving) {
  const next = afterwards(leaving);
  for (const item of leaving) item.remove();
  for (const month of document.querySelectorAll("#grid .month")) if (!month.querySelector("li")) month.remove();
  select(false);
  if (!document.querySelector("#grid .month")) return emptied();
  next.querySelector("a").focus({ preventScroll: true });
  // Counts on the page follow from the server, the place in the grid stays.
  htmx.ajax("GET", here, { target: "#head", select: "#head", swap: "outerHTML show:none" });
}

// The address of this page of photos; while one of them fills the screen the browser shows that one's.
const here = location.pathname + location.search;

/** Nothing is left of this page of photos: it is fetched anew, and its heading has the focus. */
function emptied() {
  const fetchAnew = async () => {
    await htmx.ajax("GET", here, { target: "#main", select: "#main", swap: "outerHTML show:none" });
    const heading = document.querySelector("h1, .empty h2");
    heading.tabIndex = -1;
    heading.focus();
  };
  if (history.state?.viewer) addEventListener("popstate", fetchAnew, { once: true });
  else fetchAnew();
}

document.addEventListener("htmx:afterRequest", (event) => {
  const dialog = event.target.closest?.("#ask-delete");
  if (!event.detail.successful || !(dialog || event.target.matches?.("[data-take-out]"))) return;
  dialog?.close();
  leave(ticked().map((tick) => tick.closest("li")));
});

show();
