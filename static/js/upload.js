// Uploading: files and whole folders, dropped or chosen, sent in small bundles so that nothing large is ever lost.
// While the page stays open no file is forgotten: a bundle that fails goes back to the front of the queue.
const AT_ONCE = 3;
const BUNDLE_FILES = 8;
const RETRY_S = [1, 2, 4, 8, 15, 30];
const PICTURES = /\.(jpe?g|jfif|png|webp|hei[cf]|hif|avif|gif|tiff?|bmp|jp2|dng|arw|cr[23]|nef|orf|raf|rw2)$/i;
const NOT_MEANT = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/i; // what systems leave in folders

const form = document.getElementById("upload");
const sending = document.getElementById("sending");
const bundleBytes = Number(form.dataset.bundleMb) * 1e6;
const mostBytes = Number(form.dataset.maxMb) * 1e6;

const queue = []; // files that wait, in order
let batch = null;
let token = form.elements.csrfmiddlewaretoken.value;
let underway = 0;
let walking = 0; // drops whose folders are still being read
let stopped = false;
let totals = fresh();
const inFlight = new Map(); // request -> bytes of it that have been sent

function fresh() {
  return { files: 0, bytes: 0, doneFiles: 0, doneBytes: 0, added: 0, duplicates: 0, rejected: 0, refused: 0, leftOut: 0 };
}

// --- choosing

form.classList.add("is-live");
for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    const isFolder = input.id === "folder";
    startAnew();
    take([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name, isFolder })));
    input.value = "";
  });
}

// A file dropped beside the frame must not replace the page, so the whole window takes it.
let depth = 0;
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragenter", (event) => {
  if (!hasFiles(event)) return;
  depth += 1;
  form.classList.add("is-over");
});
addEventListener("dragleave", (event) => {
  if (!hasFiles(event)) return;
  depth = Math.max(0, depth - 1);
  if (!depth) form.classList.remove("is-over");
});
addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
addEventListener("drop", async (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  depth = 0;
  form.classList.remove("is-over");
  // Entries must be asked for before anything is awaited; afterwards the drop is gone.
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const plain = [...event.dataTransfer.files];
  startAnew();
  if (!entries.length) return take(plain.map((file) => ({ file, path: file.name, isFolder: false })));
  walking += 1;
  try {
    for (const entry of entries) await walk(entry, entry.isDirectory);
  } finally {
    walking -= 1;
    show();
  }
});

/** Take a file, or everything below a folder, a little at a time so that sending starts at once. */
async function walk(entry, isFolder) {
  if (entry.isFile) {
    try {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      take([{ file, path: entry.fullPath || file.name, isFolder }]);
    } catch {
      refuse(entry.name, "It could not be read. Check that it is still there and may be opened.");
    }
    return;
  }
  const reader = entry.createReader();
  try {
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // 100 at most
      if (!some.length) return;
      for (const child of some) await walk(child, true);
    }
  } catch {
    refuse(entry.name, "This folder could not be opened.");
  }
}

/** What is chosen once everything before has been sent is an import of its own; until then it joins the one under way. */
function startAnew() {
  if (underway || queue.length || walking || stopped) return;
  batch = null;
  totals = fresh();
  document.getElementById("sending-refused").replaceChildren();
}

function take(chosen) {
  for (const { file, path, isFolder } of chosen) {
    if (isFolder && (NOT_MEANT.test(path) || !PICTURES.test(file.name))) {
      totals.leftOut += 1;
    } else if (file.size > mostBytes) {
      refuse(file.name, `It is larger than ${form.dataset.maxMb} MB. Save a smaller copy and import that.`);
    } else {
      queue.push(file);
      totals.files += 1;
      totals.bytes += file.size;
    }
  }
  show();
  work();
}

// --- sending

function work() {
  while (!stopped && underway < AT_ONCE && queue.length) {
    underway += 1;
    send(nextBundle()).finally(() => {
      underway -= 1;
      show();
      work();
    });
  }
  show();
}

function nextBundle() {
  const bundle = [queue.shift()];
  let bytes = bundle[0].size;
  while (queue.length && bundle.length < BUNDLE_FILES && bytes + queue[0].size <= bundleBytes) {
    bytes += queue[0].size;
    bundle.push(queue.shift());
  }
  return bundle;
}

async function send(bundle) {
  let isResent = false; // the answer to the first time may be all that was lost
  for (let attempt = 0; ; attempt += 1) {
    let answer;
    try {
      const readable = await stillThere(bundle);
      if (!readable.length) return;
      bundle = readable;
      await begin();
      answer = await post(bundle, isResent);
    } catch (error) {
      answer = error.answer || { status: 0 };
    }
    isResent ||= answer.status === 0 || answer.status >= 500;
    if (answer.status === 200) return settle(bundle, answer.json.results);
    if (answer.status === 401 || answer.status === 403) return pause(bundle, "sign-in", answer.json?.message);
    if (answer.status === 507) {
      settle(bundle.splice(0, answer.json?.results?.length || 0), answer.json?.results || []);
      return pause(bundle, "full", answer.json?.message);
    }
    if (answer.status === 413) return refuseAll(bundle, answer.json?.message || "It is too large for this server.");
    if (answer.status === 400 && bundle.length > 1) {
      queue.unshift(...bundle.splice(1)); // find the one the server cannot read
      continue;
    }
    if (answer.status >= 400 && answer.status < 500) return refuseAll(bundle, answer.json?.message || "The server refused it.");
    if (attempt >= RETRY_S.length || stopped) return pause(bundle, "offline");
    note(`No connection; trying again in ${RETRY_S[attempt]} s.`);
    await waitOrOnline(RETRY_S[attempt] * 1000);
  }
}

/** Leave out files that were moved or changed since they were chosen; a request with one of them would never get through. */
async function stillThere(bundle) {
  const checks = await Promise.all(bundle.map((file) => file.slice(0, 1).arrayBuffer().then(() => true, () => false)));
  bundle.forEach((file, i) => {
    if (checks[i]) return;
    refuse(file.name, "It was moved or changed after you chose it. Choose it again.");
    forget(file);
  });
  return bundle.filter((file, i) => checks[i]);
}

let beginning = null;
/** Have one import that all bundles of a drop belong to. */
function begin() {
  if (batch) return Promise.resolve();
  beginning ??= ask("POST").then(
    (json) => {
      batch = json.batch;
      beginning = null;
    },
    (error) => {
      beginning = null;
      throw error;
    },
  );
  return beginning;
}

async function ask(method) {
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const response = await fetch(form.dataset.start, { method, headers, credentials: "same-origin" });
  const json = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error("refused"), { answer: { status: response.status, json } });
  return json;
}

/** Send a bundle; fetch cannot tell how much of it is gone, so this is XMLHttpRequest. */
function post(bundle, isResent) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    body.append("batch", batch);
    if (isResent) body.append("again", "1");
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
    request.upload.addEventListener("progress", (event) => {
      inFlight.set(request, bytes * (event.total ? event.loaded / event.total : 0));
      show();
    });
    request.addEventListener("loadend", () => inFlight.delete(request));
    request.addEventListener("error", () => reject(new Error("no connection")));
    request.addEventListener("abort", () => reject(new Error("broken off")));
    request.addEventListener("load", () => {
      let json = null;
      try {
        json = JSON.parse(request.responseText);
      } catch {
        // an error page of something in between; its status says enough
      }
      resolve({ status: request.status === 200 && !json ? 502 : request.status, json });
    });
    request.send(body);
  });
}

function settle(bundle, results) {
  note("");
  bundle.forEach((file, i) => {
    totals.doneFiles += 1;
    totals.doneBytes += file.size;
    const outcome = results[i]?.outcome;
    if (outcome === "added") totals.added += 1;
    else if (outcome === "duplicate") totals.duplicates += 1;
    else if (outcome === "rejected") totals.rejected += 1; // the server names it in its own list
  });
}

function forget(file) {
  totals.files -= 1;
  totals.bytes -= file.size;
}

function refuseAll(bundle, message) {
  for (const file of bundle) {
    refuse(file.name, message);
    forget(file);
  }
}

/** Name a file that the server knows nothing of. */
function refuse(name, message) {
  totals.refused += 1;
  const item = document.createElement("li");
  const strong = document.createElement("strong");
  strong.textContent = name;
  item.append(strong, " ", message);
  document.getElementById("sending-refused").append(item);
  show();
}

// --- stopping and going on

function pause(bundle, why, message) {
  queue.unshift(...bundle);
  stopped = true;
  const stop = document.getElementById("sending-stop");
  const words = {
    "sign-in": "Your session has ended. Sign in again, then continue; the files that were not sent yet are still here.",
    full: "The server's disk is full. Free some space on it, then try again.",
    offline: "The server cannot be reached. Check the connection, then try again; nothing is lost while this page stays open.",
  };
  stop.querySelector("p").textContent = message || words[why];
  const signIn = document.getElementById("sending-sign-in");
  signIn.hidden = why !== "sign-in";
  document.getElementById("sending-go-on").textContent = why === "sign-in" ? "Continue" : "Try again";
  note("");
  stop.hidden = false;
  show();
}

document.getElementById("sending-go-on").addEventListener("click", async () => {
  try {
    token = (await ask("GET")).csrf; // signing in gave the browser a new one
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  } catch (error) {
    const isSignedOut = error.answer?.status === 401;
    document.getElementById("sending-stop").querySelector("p").textContent = isSignedOut
      ? "You are not signed in yet. Sign in in the other tab, then continue here."
      : "The server still cannot be reached. Nothing is lost; try again in a moment.";
    return;
  }
  stopped = false;
  document.getElementById("sending-stop").hidden = true;
  work();
});

function waitOrOnline(ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
  });
}

addEventListener("beforeunload", (event) => {
  if (underway || queue.length || walking) event.preventDefault();
});

// --- showing

const count = (number, one, many) => `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;
const megabytes = (bytes) => (bytes / 1e6).toLocaleString("en-GB", { maximumFractionDigits: bytes < 1e7 ? 1 : 0 });

function note(text) {
  const element = document.getElementById("sending-note");
  element.dataset.note = text;
  show();
}

function show() {
  sending.classList.toggle("is-busy", !!(underway || queue.length || walking));
  sending.hidden = !(totals.files || totals.refused || totals.leftOut);
  const isDone = !underway && !queue.length && !walking;
  const flying = [...inFlight.values()].reduce((sum, bytes) => sum + bytes, 0);
  const sent = Math.min(totals.bytes, totals.doneBytes + flying);
  const percent = totals.bytes ? Math.floor((100 * sent) / totals.bytes) : 100;
  const left = totals.files - totals.doneFiles;
  const title = isDone
    ? totals.files
      ? `Sent ${count(totals.files, "file", "files")}`
      : "Nothing to send"
    : stopped
      ? `${count(left, "file waits", "files wait")} to be sent`
      : `Sending ${count(totals.files, "file", "files")}`;
  setText("sending-title", title);
  setText("sending-figures", isDone ? "" : `${megabytes(sent)} of ${megabytes(totals.bytes)} MB`);
  const track = sending.querySelector(".track");
  track.hidden = isDone;
  track.setAttribute("aria-valuenow", percent);
  track.firstElementChild.style.setProperty("--done", percent);
  const parts = [
    document.getElementById("sending-note").dataset.note,
    totals.duplicates && `${count(totals.duplicates, "photo", "photos")} you had already.`,
    totals.rejected && `${count(totals.rejected, "file", "files")} could not be used.`,
    totals.leftOut && count(totals.leftOut, "file that is not a photo was left out.", "files that are not photos were left out."),
    !isDone && !stopped && "Keep this page open until everything is sent.",
  ];
  const text = parts.filter(Boolean).join(" ");
  setText("sending-note", text);
  document.getElementById("sending-note").hidden = !text;
}

function setText(id, text) {
  const element = document.getElementById(id);
  if (element.textContent !== text) element.textContent = text;
}
