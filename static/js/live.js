// Live updates. The server sends HTML; each element of it takes the place of the one with the same id on the page.
// Without a connection the page is still right when it is loaded again.
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
const SIGNED_OUT = 4401;
const SAY_EVERY_MS = 12_000;

let socket = null;
let retryMs = FIRST_RETRY_MS;
let timer = 0;

function connect() {
  clearTimeout(timer);
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  const address = new URL("/live/", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  if (document.body.dataset.page === "import") address.searchParams.set("view", "import");
  if (since()) address.searchParams.set("since", since());
  const opened = new WebSocket(address);
  socket = opened;
  opened.addEventListener("open", () => {
    retryMs = FIRST_RETRY_MS;
    document.documentElement.dataset.live = "";
  });
  opened.addEventListener("message", (event) => show(event.data));
  opened.addEventListener("close", (event) => {
    if (opened === socket) delete document.documentElement.dataset.live;
    if (opened !== socket || event.code === SIGNED_OUT || document.hidden) return;
    // Everyone comes back at once after a restart of the server; a little chance spreads them.
    timer = setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
  });
}

const tell = (message) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
document.addEventListener("live:look", () => tell({ look: true }));
document.addEventListener("live:show", (event) => show(event.detail));

function show(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const fresh of [...template.content.children]) {
    const present = fresh.id && document.getElementById(fresh.id);
    if (!present) continue;
    if (fresh.dataset.live === "prepend") prepend(present, fresh);
    else replace(present, fresh);
  }
}

/** Put the children that are not there yet at the start, and let those go that the server no longer lists. */
function prepend(list, fresh) {
  const listed = new Set([...fresh.children].map((child) => child.id));
  for (const child of [...list.children]) if (!listed.has(child.id)) child.remove();
  const added = [...fresh.children].filter((child) => !child.id || !document.getElementById(child.id));
  for (const child of added) child.classList.add("is-new");
  list.prepend(...added);
  if (added.length) list.dispatchEvent(new CustomEvent("live:added", { bubbles: true }));
}

function replace(present, fresh) {
  if (present.isEqualNode(fresh)) return;
  const focused = present.contains(document.activeElement) ? document.activeElement : null;
  const same = focused && sameAs(focused);
  for (const open of present.querySelectorAll("details[id][open]")) {
    const again = fresh.querySelector(`#${CSS.escape(open.id)}`);
    if (again) again.open = true;
  }
  present.replaceWith(fresh);
  window.htmx?.process(fresh);
  fresh.dispatchEvent(new CustomEvent("live:replaced", { bubbles: true }));
  if (same) fresh.querySelector(same)?.focus({ preventScroll: true });
  say(fresh.dataset.say, fresh.dataset.state !== present.dataset.state);
}

/** A selector that finds the focused control again in the new HTML. */
function sameAs(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const value = element.getAttribute("value");
  if (element.name && value !== null) return `[name="${CSS.escape(element.name)}"][value="${CSS.escape(value)}"]`;
  const address = element.getAttribute("href");
  return address ? `a[href="${CSS.escape(address)}"]` : null;
}

// New photos: a page says when it was rendered, and shows them when it is asked to.
const since = () => document.getElementById("news")?.dataset.since;
let toldSince = since();

function upToDate() {
  if (since() === toldSince) return;
  toldSince = since();
  tell({ since: toldSince });
}
document.addEventListener("htmx:afterSettle", upToDate);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("#news button");
  if (!button) return;
  button.disabled = true;
  const response = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!response?.ok || response.redirected) return location.reload();
  const html = await response.text();
  const known = new Set(photos().map((link) => link.pathname));
  const height = scrollY;
  const target = document.getElementById("main");
  const swap = { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 };
  window.htmx.swap(target, html, swap, { select: "#main", eventInfo: { target, elt: target } });
  const fresh = photos().filter((link) => !known.has(link.pathname));
  for (const link of fresh) link.parentElement.classList.add("is-new");
  scrollTo({ top: photos().length ? 0 : height, behavior: "instant" }); // of a grid they are at the start, or near it
  fresh[0]?.scrollIntoView({ block: "nearest", behavior: "instant" });
  document.getElementById("main").focus({ preventScroll: true });
  upToDate();
});

const photos = () => [...document.querySelectorAll("#grid .photos > li > a")];

// What a screen reader is told: how far it is now and then, not with every photo; that it pauses or ends at once. The
// element for it comes with the page: one that is added together with its first words is mostly not read out.
let saidAt = 0;
let said = "";
let toSay = 0;

function say(text, isUrgent = false) {
  if (!text || text === said) return;
  clearTimeout(toSay);
  toSay = setTimeout(
    () => {
      [saidAt, said] = [Date.now(), text];
      document.getElementById("voice").textContent = text;
    },
    isUrgent ? 0 : Math.max(0, saidAt + SAY_EVERY_MS - Date.now()),
  );
}
document.addEventListener("live:say", (event) => say(event.detail, true));

function comeBack() {
  if (document.hidden) return;
  retryMs = FIRST_RETRY_MS;
  connect();
}
document.addEventListener("visibilitychange", comeBack);
window.addEventListener("online", comeBack);
// A page with an open socket is not kept for going back; close it and open it again on return.
window.addEventListener("pagehide", () => {
  clearTimeout(timer);
  const closing = socket;
  socket = null;
  closing?.close();
});
window.addEventListener("pageshow", (event) => event.persisted && comeBack());
connect();
