// The grid as it grows, below its end and above its start, and its place, which Back and a reload find again.
const AHEAD = "200% 0px"; // from the edge of the screen, when the next photos are asked for
const SETTLED_MS = 150; // without scrolling, before the place is noted
const AT_THE_TOP_PX = 100;
const pageOf = new WeakMap(); // a photo's item: the address it came with
const brought = new WeakMap(); // an end of the grid: the promise of what comes there
let above = []; // addresses of what lay above a place come back to, where the server knows no way up

history.scrollRestoration = "manual"; // the browser knows pixels only; what stood there may have to be fetched first

const grid = () => document.querySelector("#grid");
const months = () => [...document.querySelectorAll("#grid > .month")];
const wayUp = () => document.querySelector("#newer a[rel=prev]");
const itemOf = (id) => document.querySelector(`#grid .photos > li[data-id="${Number(id)}"]`);

async function fetched(address) {
  const response = await fetch(address, { headers: { "HX-Request": "true" } });
  const template = document.createElement("template");
  template.innerHTML = response.ok ? await response.text() : "";
  const found = template.content.querySelector("#grid");
  if (!found) throw new Error(`no photos at ${address}`);
  for (const item of found.querySelectorAll(".photos > li")) pageOf.set(item, address);
  return found;
}

/** Bring what lies behind a link, once; where that fails it is still a link. */
function load(link) {
  const side = link?.parentElement;
  if (side && !brought.has(side)) brought.set(side, bring(side, link.href));
  return brought.get(side);
}

async function bring(side, address) {
  side.ariaBusy = "true";
  const more = await fetched(address).catch(() => null);
  side.ariaBusy = null;
  if (!more || !side.isConnected) return; // or another grid stands here by now
  if (side.id === "more") append(side, more);
  else prepend(side, more);
  grown();
}

function append(side, more) {
  more.querySelector("#newer")?.remove();
  const [first] = more.querySelectorAll(".month");
  side.replaceWith(...more.children);
  const before = first?.previousElementSibling;
  if (!before?.matches(".month")) return;
  if (!first.dataset.month) fillRow(before, first);
  else if (before.dataset.month === first.dataset.month) join(before, first, (list, items) => list.append(...items));
}

// What is seen stays where it is: the page is scrolled by as much as came above it.
function prepend(side, more) {
  const anchor = topmost();
  const top = anchor?.getBoundingClientRect().top;
  more.querySelector("#more")?.remove();
  const last = [...more.querySelectorAll(".month")].at(-1);
  for (const month of more.querySelectorAll(".month")) month.classList.add("measured");
  side.replaceWith(...more.children);
  const after = last?.nextElementSibling;
  after?.classList.add("measured");
  if (after?.matches(".month")) { // else nothing came, or what was here has been deleted
    if (!last.dataset.month) fillRow(last, after);
    else if (after.dataset.month === last.dataset.month) join(after, last, (list, items) => list.prepend(...items));
  }
  if (anchor) moveTo(anchor, top);
}

// A month cut by a page's end becomes one again.
function join(month, part, put) {
  for (const property of ["--sum", "--n"]) {
    const [own, more] = [month, part].map((one) => Number(one.style.getPropertyValue(property)) || 0);
    month.style.setProperty(property, own + more);
  }
  put(month.querySelector(".photos"), part.querySelectorAll(".photos > li"));
  part.remove();
}

// No headings: the first photos fill the row that the page before left short, judged by the width of its last photo.
function fillRow(before, after) {
  const list = before.querySelector(".photos");
  const end = list.lastElementChild.getBoundingClientRect();
  const short = Math.max(0, Math.round((list.getBoundingClientRect().right - end.right) / end.width));
  list.append(...[...after.querySelectorAll(".photos > li")].slice(0, short));
}

function moveTo(item, top) {
  scrollBy({ top: item.getBoundingClientRect().top - top, behavior: "instant" });
}

function grown() {
  const newer = document.querySelector("#newer a");
  if (newer && newer.rel !== "prev" && above.length) {
    newer.href = above.pop();
    newer.rel = "prev";
  }
  for (const link of document.querySelectorAll("#more a, #newer a[rel=prev]")) edges.observe(link.parentElement);
  for (const month of months()) if (month.dataset.month) inView.observe(month);
  document.dispatchEvent(new CustomEvent("grid:grown"));
}

const edges = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) load(target.querySelector("a"));
  },
  { rootMargin: AHEAD },
);
// The viewer comes near an end of what is here.
document.addEventListener("grid:ask", (event) => load(event.detail === "newer" ? wayUp() : document.querySelector("#more a")));

// The years follow the scrolling.
const seen = new Set();
const inView = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) isIntersecting ? seen.add(target) : seen.delete(target);
    const top = [...seen].filter((s) => s.isConnected).sort((a, b) => a.offsetTop - b.offsetTop)[0];
    const year = top?.dataset.month.slice(0, 4);
    if (!year) return;
    for (const link of document.querySelectorAll(".years a")) {
      if (link.dataset.year === year) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  },
  { rootMargin: "-64px 0px -50% 0px" },
);

// A year whose photos are here already is a scroll away, not a page.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".years a");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const target = months().find((month) => month.dataset.month.startsWith(link.dataset.year));
  // The first month on the page may be cut by its start; then only the page of the year shows all of it.
  if (target && (target !== months()[0] || !wayUp())) {
    event.preventDefault();
    target.scrollIntoView();
  }
});

// The place: the first photo on the screen, how far from its top it stands, and the addresses it can be fetched from.
function topmost() {
  const bar = document.querySelector(".bar")?.offsetHeight ?? 0;
  const isBelow = (element) => element.getBoundingClientRect().bottom > bar;
  const month = months().find(isBelow);
  return month && [...month.querySelectorAll(".photos > li")].find(isBelow);
}

function note(item = scrollY > AT_THE_TOP_PX ? topmost() : null) {
  if (history.state?.viewer || !grid()) return;
  const place = item && {
    id: item.dataset.id,
    top: item.getBoundingClientRect().top,
    page: pageOf.get(item) ?? location.href,
    above: pagesAbove(item),
  };
  if (place || history.state?.place) history.replaceState({ ...history.state, place }, "");
}

function pagesAbove(item) {
  const pages = new Set(above);
  for (const one of document.querySelectorAll("#grid .photos > li")) {
    if (pageOf.get(one) === pageOf.get(item)) break;
    pages.add(pageOf.get(one) ?? location.href);
  }
  return [...pages];
}

async function findAgain({ id, top, page, above: pages }) {
  if (!itemOf(id)) {
    const has = (found) => found?.querySelector(`li[data-id="${Number(id)}"]`);
    const at = grid().dataset.at;
    let found = await fetched(page).catch(() => null);
    const hasMoved = !has(found) && at; // what came in since has pushed it on to another page
    if (hasMoved) found = await fetched(`${at}${Number(id)}`).catch(() => null);
    if (!has(found)) return; // deleted since
    above = hasMoved ? [] : pages; // from there the server knows the way up
    grid().replaceChildren(...found.children);
    grown();
  }
  const item = itemOf(id);
  await makeRoom(item.getBoundingClientRect().top + scrollY - top);
  const before = months().slice(0, months().indexOf(item.closest(".month")) + 1);
  for (const month of before) month.classList.add("measured");
  moveTo(item, top);
}

/** Load on until the page is long enough to be scrolled so far. */
async function makeRoom(wanted) {
  let more = null;
  while (wanted > document.documentElement.scrollHeight - innerHeight) {
    const next = document.querySelector("#more a");
    if (!next || next === more) return; // the end, or it cannot be had
    more = next;
    await load(more);
  }
}

let settling = 0;
addEventListener("scroll", () => {
  clearTimeout(settling);
  settling = setTimeout(note, SETTLED_MS);
}, { passive: true });
document.addEventListener("click", (event) => event.target.closest("a") && note(), true);
document.addEventListener("grid:opened", (event) => note(event.detail));
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "main") return;
  above = []; // the dial was turned: another grid
  grown();
});

if (history.state?.place) findAgain(history.state.place);
else if (wayUp()) months()[0]?.scrollIntoView({ behavior: "instant" });
grown();
