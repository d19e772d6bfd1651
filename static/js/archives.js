// Sending archives: one after the other, in pieces. The server's file says how much of one is there, so that it goes on
// after a lost line, a reload or a night, whenever the same file is chosen again.
const RETRY_S = [1, 2, 4, 8, 15, 30];
const FULL_S = 20; // parts that are here have to be brought in before there is room for more
const SPEED_MS = 20_000; // the time that the speed is measured over

const form = document.getElementById("archive-form");
const words = JSON.parse(document.getElementById("archive-words").textContent);
const input = document.getElementById("archive-files");
const panel = document.getElementById("archive-sending");
const pauseButton = document.getElementById("archive-pause");
const signIn = document.getElementById("archive-sign-in");

const queue = [];
let token = form.elements.csrfmiddlewaretoken.value;
let current = null; // the file that is being sent
let request = null;
let isPaused = false;
let wake = null;
let sent = 0; // of the current file, the piece on its way too
let speeds = [];

input.addEventListener("change", () => {
  choose([...input.files]);
  input.value = "";
});
document.addEventListener("click", (event) => event.target.closest("[data-choose-archives]") && input.click());
document.addEventListener("archives:chosen", ({ detail }) => {
  choose(detail);
  form.closest("section").scrollIntoView(); // they may have been dropped where nothing of this is in view
});
form.addEventListener("submit", (event) => event.preventDefault()); // choosing sends

function choose(files) {
  const isSame = (file) => (other) => other.name === file.name && other.size === file.size && other.lastModified === file.lastModified;
  for (const file of files) if (![current, ...queue].filter(Boolean).some(isSame(file))) queue.push(file);
  queue.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  if (!current) work();
  else show();
}

async function work() {
  while ((current = queue.shift())) {
    sent = 0;
    speeds = [];
    note(words.keep_open);
    const refusal = await send(current);
    if (refusal) refuse(current, refusal);
    look();
  }
  show();
}

/** Send a file to its end; why not, where the server does not want it. */
async function send(file) {
  let place = null;
  for (let failures = 0; ; ) {
    await going();
    const answer = place === null ? await begin(file) : await piece(file, place);
    const { status, json } = answer;
    if (status === 200) {
      failures = 0;
      const isFirst = place === null;
      place = isFirst ? { part: json.part, bytes: json.piece, offset: json.offset } : { ...place, offset: json.offset };
      sent = place.offset;
      note(words.keep_open);
      if (json.has_come) return "";
      if (isFirst) look();
    } else if (status === 409 && place) {
      if (json.offset === place.offset) await rest(1, ""); // a request that broke off is still being written
      place.offset = sent = json.offset;
      if (place.offset >= file.size) place = null;
    } else if (status === 401 || status === 403) {
      signIn.hidden = false;
      setPaused(true, words.sign_in);
    } else if (status === 507) {
      if (place === null && json?.message && !json.can_wait) return json.message;
      await rest(FULL_S, `${json?.message || ""} ${words.waiting}`);
    } else if (status === "unreadable") {
      return words.moved;
    } else if (status === "paused") {
      continue;
    } else if (status === 404 || status === 400 || status === 413) {
      if (status !== 404 || place === null) return json?.message || (status === 413 ? words.too_large : words.refused);
      return words.refused; // it was taken off the list meanwhile
    } else {
      place = null; // ask anew how much is there
      await rest(RETRY_S[Math.min(failures++, RETRY_S.length - 1)], words.offline);
    }
  }
}

function begin(file) {
  return ask(form.dataset.begin, { name: file.name, size: file.size, modified: file.lastModified });
}

/** Send one piece; fetch cannot tell how much of it is gone, so this is XMLHttpRequest. */
async function piece(file, { part, offset, bytes }) {
  const blob = file.slice(offset, offset + bytes);
  const isThere = await blob.slice(0, 1).arrayBuffer().then((read) => read.byteLength > 0, () => false);
  if (!isThere) return { status: "unreadable" };
  return new Promise((resolve) => {
    request = new XMLHttpRequest();
    request.open("POST", `${form.dataset.send}?part=${part}&offset=${offset}`);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      sent = offset + event.loaded;
      show();
    });
    const end = (status) => {
      const text = request?.responseText ?? "";
      request = null;
      let json = null;
      try {
        json = JSON.parse(text);
      } catch {
        // a page of something in between, or nothing; its status says enough
      }
      resolve({ status: status === 200 && !json ? 502 : status, json });
    };
    request.addEventListener("load", () => end(request.status));
    request.addEventListener("error", () => end(0));
    request.addEventListener("abort", () => end("paused"));
    request.send(blob);
  });
}

async function ask(address, fields) {
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const body = fields && new URLSearchParams(fields);
  const response = await fetch(address, { method: fields ? "POST" : "GET", headers, body, credentials: "same-origin" }).catch(() => null);
  return { status: response?.status ?? 0, json: await response?.json().catch(() => null) };
}

// --- waiting, pausing, going on

/** Wait for so long, or until somebody goes on or the line is back. */
async function rest(seconds, why) {
  if (why) note(why.replace("%s", seconds));
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
    addEventListener("online", wake, { once: true });
  });
  wake = null;
}

const going = () => (isPaused ? new Promise((resolve) => { wake = resolve; }) : Promise.resolve());

function setPaused(value, why) {
  isPaused = value;
  speeds = [];
  if (isPaused) request?.abort();
  note(isPaused ? why : words.keep_open);
  pauseButton.textContent = isPaused ? words.go_on : words.pause;
  if (!isPaused) wake?.();
}

pauseButton.addEventListener("click", async () => {
  if (isPaused && !signIn.hidden) {
    const answer = await ask(form.dataset.start);
    if (answer.status !== 200) return note(words.sign_in);
    token = answer.json.csrf; // signing in gave the browser a new one
    signIn.hidden = true;
  }
  setPaused(!isPaused, words.paused);
});

addEventListener("beforeunload", (event) => {
  if (current) event.preventDefault();
});

// --- what the page shows

function note(text) {
  const element = document.getElementById("archive-sending-note");
  if (element.textContent !== text) element.textContent = text;
  show();
}

function show() {
  panel.hidden = !current;
  if (!current) return;
  const percent = Math.floor((100 * sent) / current.size);
  const figures = words.figures.replace("%(percent)s", percent).replace("%(size)s", size(current.size)).replace("%%", "%");
  const parts = [figures, remaining(), queue.length && words.more.replace("%s", queue.length)];
  document.getElementById("archive-sending-name").textContent = current.name;
  document.getElementById("archive-sending-figures").textContent = parts.filter(Boolean).join(" · ");
  panel.querySelector(".track > span").style.setProperty("--done", percent);
}

const language = document.documentElement.lang;
function size(bytes) {
  const [unit, factor] = bytes >= 1e9 ? ["gigabyte", 1e9] : ["megabyte", 1e6];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: bytes / factor < 10 ? 1 : 0 }).format(bytes / factor);
}

/** How long the file still takes at the speed of late, in words; nothing while that is not known. */
function remaining() {
  const now = performance.now();
  speeds.push([now, sent]);
  speeds = speeds.filter(([at]) => now - at < SPEED_MS);
  const [at, before] = speeds[0];
  if (isPaused || now - at < 3000 || sent <= before) return "";
  const minutes = ((current.size - sent) / (sent - before)) * ((now - at) / 60_000);
  const [unit, value] = minutes >= 90 ? ["hour", minutes / 60] : ["minute", Math.max(minutes, 1)];
  const text = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(value);
  return words.left.replace("%s", text);
}

function refuse(file, message) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  name.textContent = file.name;
  item.append(name, " ", message);
  document.getElementById("archive-refused").append(item);
}

/** Have the list say what is so now; from then on it asks by itself while something is about to change. */
function look() {
  window.htmx?.ajax("GET", form.dataset.list, { target: "#archives", swap: "outerHTML" });
}
