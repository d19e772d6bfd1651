// Sending what was chosen (choose.js), in small bundles so that nothing large is ever lost, and telling the server how
// far it is: the server's block of figures is the only one. While the page stays open no file is forgotten: a bundle
// that fails goes back to the front of the queue.
const AT_ONCE = 3;
const BUNDLE_FILES = 8;
const BUNDLE_S = 4; // a bundle is about what goes through in this time, so that little is lost when it breaks off
const LEAST_BUNDLE = 250_000;
const RETRY_S = [1, 2, 4, 8, 15, 30];
const REPORT_MS = 1500;
const SPEED_MS = 12_000; // the time that the speed is measured over

const form = document.getElementById("upload");
const words = JSON.parse(document.getElementById("upload-words").textContent);
const bundleBytes = Number(form.dataset.bundleMb) * 1e6;
const mostBytes = Number(form.dataset.maxMb) * 1e6;

const queue = []; // files that wait, in order
const doubtful = new WeakSet(); // files that may have arrived although no answer came
const inFlight = new Map(); // request -> bytes of it that have been sent
let token = form.elements.csrfmiddlewaretoken.value;
let batch = null;
let isActive = false; // from choosing until the server knows that all is sent
let beginning = false;
let underway = 0;
let walking = 0; // drops whose folders are still being read
let isPaused = false; // by the person, here or anywhere
let isStopped = false; // until the person has seen to something
let lacksRoom = false; // that is why
let totals = fresh();
let speeds = [];

function fresh() {
  return { files: 0, bytes: 0, doneFiles: 0, doneBytes: 0, leftOut: 0, passed: 0 };
}

form.addEventListener("files:walk", ({ detail }) => {
  walking += detail;
  work();
});
form.addEventListener("files:refused", ({ detail }) => refuse(detail.name, words[detail.why]));
form.addEventListener("files:chosen", ({ detail: { files, leftOut } }) => {
  if (!isActive) startAnew();
  totals.leftOut += leftOut;
  for (const file of files) {
    if (file.size > mostBytes) {
      refuse(file.name, words.too_large.replace("%s", form.dataset.maxMb));
      continue;
    }
    queue.push(file);
    totals.files += 1;
    totals.bytes += file.size;
  }
  if (queue.length) isActive = true;
  show();
  work();
});

/** What is chosen once everything before has been sent is an import of its own; until then it joins the one under way. */
function startAnew() {
  batch = null;
  totals = fresh();
  speeds = [];
  document.getElementById("sending-refused").replaceChildren();
}

// --- sending

const mayGo = () => !isPaused && !isStopped;

function work() {
  if (isActive && !batch && queue.length && !isStopped) begin();
  while (batch && mayGo() && underway < AT_ONCE && queue.length) {
    underway += 1;
    send(nextBundle()).finally(() => {
      underway -= 1;
      work();
    });
  }
  if (batch && !underway && !queue.length && !walking) report();
  show();
}

function nextBundle() {
  const bundle = [queue.shift()];
  const most = Math.min(bundleBytes, Math.max(LEAST_BUNDLE, speed() * BUNDLE_S));
  let bytes = bundle[0].size;
  while (queue.length && bundle.length < BUNDLE_FILES && bytes + queue[0].size <= most) {
    if (doubtful.has(queue[0]) !== doubtful.has(bundle[0])) break;
    bytes += queue[0].size;
    bundle.push(queue.shift());
  }
  return bundle;
}

/** Have one import that all bundles belong to: a new one, or the one that broke off where these are its files. */
async function begin() {
  if (beginning) return;
  beginning = true;
  const answer = await persist(async () => {
    const former = document.getElementById("progress").dataset.resume;
    const passed = former ? await passOver(former) : [];
    const body = { count: totals.files, size: totals.bytes };
    if (passed.length) {
      body.batch = former;
      body.passed_count = passed.length;
      body.passed_size = passed.reduce((sum, file) => sum + file.size, 0);
    }
    const answer = await ask(form.dataset.start, body);
    if (answer.status === 200) settlePassed(passed);
    return answer;
  });
  beginning = false;
  if (answer.status === 200) {
    batch = answer.json.batch;
    isPaused = false; // bringing more in means going on
    look();
    report();
  } else {
    stop(answer.status === 401 || answer.status === 403 ? "sign_in" : "offline", answer.json?.message);
  }
  work();
}

/** The files of the queue that an import has already, by name and size. */
async function passOver(former) {
  const answer = await ask(form.dataset.arrived.replace("/0/", `/${former}/`));
  const there = new Map();
  for (const [name, size] of answer.json?.files || []) {
    const key = `${size} ${name}`;
    there.set(key, (there.get(key) || 0) + 1);
  }
  return queue.filter((file) => {
    const key = `${file.size} ${file.name}`;
    const left = there.get(key) || 0;
    there.set(key, left - 1);
    return left > 0;
  });
}

function settlePassed(passed) {
  const isThere = new Set(passed);
  queue.splice(0, queue.length, ...queue.filter((file) => !isThere.has(file)));
  for (const file of passed) done(file);
  totals.passed += passed.length;
}

async function send(bundle) {
  const answer = await persist(async () => {
    const readable = await stillThere(bundle);
    bundle = readable;
    if (!bundle.length) return { status: 204 };
    const answer = await post(bundle);
    if (answer.status === 0 || (answer.status >= 500 && answer.status !== 507)) bundle.forEach((file) => doubtful.add(file));
    return answer;
  });
  const { status, json } = answer;
  if (status === 204 || !isActive) return; // all of it has moved, or the import was called off meanwhile
  if (status === 200) return bundle.forEach(done);
  if (status === 409) return giveUp();
  if (status === 413 || (status === 400 && bundle.length === 1)) return refuseAll(bundle, json?.message || words.too_large_for_server);
  if (status === 400) { // find the one the server cannot read
    bundle.forEach((file) => doubtful.add(file));
    queue.unshift(...bundle.splice(1));
    return send(bundle);
  }
  if (status === 507) bundle.splice(0, json?.results?.length || 0).forEach(done); // there was room for these
  if (status === 401 || status === 403) stop("sign_in", json?.message);
  else if (status === 507) stop("full", json?.message);
  else if (status > 400 && status < 500 && status !== 408) return refuseAll(bundle, json?.message || words.refused);
  else if (mayGo()) stop("offline", json?.message);
  if (isActive) queue.unshift(...bundle);
}

/** Ask until there is an answer that is worth something, or sending is to rest. */
async function persist(question) {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await question().catch(() => ({ status: 0 }));
    const isTooSlow = answer.status === 408; // it never came through, whatever held it up
    if ((answer.status && answer.status < 500 && !isTooSlow) || answer.status === 507) {
      note("");
      return answer;
    }
    if (attempt >= RETRY_S.length || !mayGo() || !isActive) return answer;
    note(answer.json?.message || words.trying_again.replace("%s", RETRY_S[attempt]));
    await waitOrOnline(RETRY_S[attempt] * 1000);
    if (!mayGo() || !isActive) return answer;
  }
}

/** Leave out files that were moved or changed since they were chosen; a request with one of them would never get through. */
async function stillThere(bundle) {
  const checks = await Promise.all(bundle.map((file) => file.slice(0, 1).arrayBuffer().then(() => true, () => false)));
  refuseAll(bundle.filter((file, i) => !checks[i]), words.moved);
  return bundle.filter((file, i) => checks[i]);
}

async function ask(address, fields) {
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const body = fields && new URLSearchParams(fields);
  const response = await fetch(address, { method: fields ? "POST" : "GET", headers, body, credentials: "same-origin" });
  return { status: response.status, json: await response.json().catch(() => null) };
}

/** Send a bundle; fetch cannot tell how much of it is gone, so this is XMLHttpRequest. */
function post(bundle) {
  return new Promise((resolve) => {
    const body = new FormData();
    body.append("batch", batch);
    if (bundle.some((file) => doubtful.has(file))) body.append("again", "1");
    for (const file of bundle) {
      body.append("modified", file.lastModified);
      body.append("files", file, file.name);
    }
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "text";
    const bytes = bundle.reduce((sum, file) => sum + file.size, 0);
    inFlight.set(request, 0);
    request.upload.addEventListener("progress", (event) => {
      if (inFlight.has(request)) inFlight.set(request, bytes * (event.total ? event.loaded / event.total : 0));
    });
    const end = (answer) => {
      inFlight.delete(request);
      resolve(answer);
    };
    request.addEventListener("error", () => end({ status: 0 }));
    request.addEventListener("abort", () => end({ status: 0 }));
    request.addEventListener("load", () => {
      let json = null;
      try {
        json = JSON.parse(request.responseText);
      } catch {
        // an error page of something in between; its status says enough
      }
      end({ status: request.status === 200 && !json ? 502 : request.status, json });
    });
    request.send(body);
  });
}

function done(file) {
  totals.doneFiles += 1;
  totals.doneBytes += file.size;
}

function refuseAll(bundle, message) {
  for (const file of bundle) {
    refuse(file.name, message);
    totals.files -= 1;
    totals.bytes -= file.size;
  }
}

/** Name a file that the server knows nothing of. */
function refuse(name, message) {
  const item = document.createElement("li");
  const strong = document.createElement("strong");
  strong.textContent = name;
  item.append(strong, " ", message);
  document.getElementById("sending-refused").append(item);
  show();
}

// --- telling the server

const sent = () => Math.min(totals.bytes, Math.floor(totals.doneBytes + [...inFlight.values()].reduce((sum, bytes) => sum + bytes, 0)));

/** Bytes a second of late. */
function speed() {
  const now = performance.now();
  speeds = speeds.filter(([at]) => now - at < SPEED_MS);
  if (!mayGo() || !speeds.length) return 0;
  const [at, before] = speeds[0];
  return now - at < 500 ? 0 : Math.max(0, (1000 * (sent() - before)) / (now - at));
}

function story(state) {
  return { batch, count: totals.files, size: totals.bytes, sent: sent(), rate: Math.floor(speed()), state };
}

let reporting = false;
let isStale = false; // more has happened than is being told just now
async function report() {
  if (!batch || !isActive) return;
  isStale = reporting;
  if (reporting) return;
  reporting = true;
  const isEnd = !underway && !queue.length && !walking;
  const answer = await ask(form.dataset.report, story(isEnd ? "received" : "receiving")).catch(() => ({ status: 0 }));
  reporting = false;
  if (answer.json?.state === "cancelled") return giveUp();
  if (answer.status !== 200) return;
  if (isEnd) isActive = !!(underway || queue.length || walking); // more may have been chosen meanwhile
  look();
  show();
  if (isStale) report();
}
setInterval(() => {
  if (!isActive || !batch) return;
  if (mayGo()) speeds.push([performance.now(), sent()]);
  report();
}, REPORT_MS);

/** The import was called off, here or anywhere: what waits is not sent. */
function giveUp() {
  queue.length = 0;
  isActive = isPaused = isStopped = false;
  batch = null;
  for (const request of inFlight.keys()) request.abort();
  document.getElementById("sending-stop").hidden = true;
  note("");
  look();
}

addEventListener("pagehide", () => {
  if (!isActive || !batch) return;
  const body = new FormData();
  for (const [name, value] of Object.entries(story("broken_off"))) body.append(name, value);
  body.append("csrfmiddlewaretoken", token);
  navigator.sendBeacon(form.dataset.report, body);
});
addEventListener("beforeunload", (event) => {
  if (isActive) event.preventDefault();
});

// --- pausing, stopping and going on

function pause() {
  isPaused = true;
  speeds = [];
  for (const request of inFlight.keys()) request.abort();
}

function goOn() {
  isPaused = false;
  work();
}

const block = () => document.getElementById("progress");
let former = block().dataset.state;
/** Follow what the server says of the imports: paused or going on, here or in another window. */
document.addEventListener("live:replaced", (event) => {
  if (event.target.id !== "progress") return;
  const { state, imports } = event.target.dataset;
  if (isActive && batch && state === "paused" && former !== "paused") pause();
  if (isPaused && state === "running" && former === "paused") goOn();
  former = state;
  if (isActive && !imports.split(" ").includes(String(batch))) ready(); // news from before this import
});

/** Before the server tells of an import, nothing of the last one is left on the page. */
function ready() {
  if (!["running", "paused", "starting"].includes(block().dataset.state))
    block().replaceWith(keeping(document.getElementById("starting").content.firstElementChild.cloneNode(true)));
}

function keeping(fresh) {
  if (block().dataset.resume) fresh.dataset.resume = block().dataset.resume;
  return fresh;
}

document.getElementById("steer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { value, formAction } = event.submitter;
  if (value === "pause") pause();
  const headers = { "X-CSRFToken": token, "HX-Request": "true" };
  const response = await fetch(formAction, { method: "POST", headers, credentials: "same-origin" }).catch(() => null);
  if (!response?.ok) {
    note(words.still_offline);
    if (value === "pause") goOn();
    return;
  }
  if (value === "cancel") giveUp();
  if (value === "go_on") goOn();
  look(await response.text());
});

/** Have the page say what is so now; where no live connection does it, by what is given or by loading it. */
async function look(html) {
  if ("live" in document.documentElement.dataset) return document.dispatchEvent(new Event("live:look"));
  const answer = html ?? (await fetch(location.href).then((response) => response.text(), () => ""));
  const page = new DOMParser().parseFromString(answer, "text/html");
  const parts = ["progress", "failures", "arrivals", "counts", "indicator"].map((id) => page.getElementById(id)?.outerHTML);
  document.dispatchEvent(new CustomEvent("live:show", { detail: parts.join("") }));
}

function stop(why, message) {
  isStopped = true;
  lacksRoom = why === "full";
  speeds = [];
  const element = document.getElementById("sending-stop");
  element.querySelector("p").textContent = message || words[why];
  document.getElementById("sending-sign-in").hidden = why !== "sign_in";
  document.getElementById("sending-go-on").textContent = why === "sign_in" ? words.continue : words.try_again;
  element.hidden = false;
  note("");
}

document.getElementById("sending-go-on").addEventListener("click", tryAgain);

/** Whoever comes back from deleting photos in another tab finds how much room there is now, and sending goes on by itself. */
document.addEventListener("visibilitychange", async () => {
  const usage = document.getElementById("usage");
  if (document.hidden || !usage || (isActive && !isStopped)) return;
  const html = await fetch(location.href).then((response) => response.text(), () => "");
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("usage");
  if (fresh) usage.replaceWith(fresh);
  if (isStopped && lacksRoom && queue.length && Number(fresh?.dataset.left) >= queue[0].size) tryAgain();
});

async function tryAgain() {
  const answer = await ask(form.dataset.start).catch(() => ({ status: 0 }));
  if (answer.status !== 200) {
    const why = answer.status === 401 ? "not_yet" : "still_offline";
    document.getElementById("sending-stop").querySelector("p").textContent = words[why];
    return;
  }
  token = answer.json.csrf; // signing in gave the browser a new one
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  isStopped = false;
  document.getElementById("sending-stop").hidden = true;
  work();
}

function waitOrOnline(ms) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
  });
}

// --- what only this page knows

let noted = "";
function note(text) {
  noted = text;
  if (text) document.dispatchEvent(new CustomEvent("live:say", { detail: text }));
  show();
}

function show() {
  document.body.classList.toggle("is-sending", isActive);
  if (isActive && !block().dataset.imports.split(" ").includes(String(batch))) ready();
  const figure = (number) => number.toLocaleString(document.documentElement.lang);
  const text = [
    noted,
    totals.passed && words.passed_over.replace("%s", figure(totals.passed)),
    totals.leftOut && words.left_out.replace("%s", figure(totals.leftOut)),
  ].filter(Boolean).join(" ");
  const element = document.getElementById("sending-note");
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
  const isEmpty = !text && !document.querySelector("#sending-refused li") && document.getElementById("sending-stop").hidden;
  document.getElementById("sending").hidden = isEmpty;
}
