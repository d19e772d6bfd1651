// Dropping or choosing a picture to find photos like it. The picture is sent at once and not kept; a small copy of it
// stays in this browser, to be shown beside the answer.
const SHOWN_PX = 320;
const KEY = "picture-asked-about";

const form = document.getElementById("image-ask");
if (form) live();
showAsked();
// The answer takes the place of the waiting page, and there is a new place for the picture in it.
document.addEventListener("htmx:afterSwap", showAsked);

function live() {
  const input = form.querySelector("input[type=file]");
  form.classList.add("is-live");
  form.addEventListener("submit", (event) => {
    if (!form.classList.contains("is-sending") && input.files.length) return;
    event.preventDefault(); // twice, or without a picture
  });
  input.addEventListener("change", () => input.files.length && send(input));
  let depth = 0; // a file dropped beside the frame must not replace the page, so the whole window takes it
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (by) => (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(0, depth + by);
    form.classList.toggle("is-over", depth > 0);
  };
  addEventListener("dragenter", over(1));
  addEventListener("dragleave", over(-1));
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(-Infinity)(event);
    take(event.dataTransfer.files, input);
  });
  addEventListener("paste", (event) => {
    if (!event.target.closest?.("input, textarea")) take(event.clipboardData?.files ?? [], input);
  });
  addEventListener("pageshow", () => form.classList.remove("is-sending")); // come back to
}

function take(files, input) {
  const picture = [...files].find((file) => file.type.startsWith("image/") || /\.(hei[cf]|avif|tiff?)$/i.test(file.name));
  if (!picture) return;
  const chosen = new DataTransfer();
  chosen.items.add(picture);
  input.files = chosen.files;
  send(input);
}

async function send(input) {
  const problem = form.querySelector(".image-problem");
  problem.hidden = input.files[0].size <= Number(form.dataset.maxMb) * 1e6;
  if (!problem.hidden) {
    problem.textContent = problem.dataset.tooLarge;
    input.value = "";
    return;
  }
  await keep(input.files[0]);
  form.requestSubmit();
  form.classList.add("is-sending");
}

/** A small copy for this tab; of a kind that the browser cannot show, none. */
async function keep(file) {
  sessionStorage.removeItem(KEY);
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, SHOWN_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    sessionStorage.setItem(KEY, canvas.toDataURL("image/jpeg", 0.8));
  } catch {} // the answer does without
}

function showAsked() {
  const place = document.querySelector(".similar-of.is-asked");
  const kept = place && sessionStorage.getItem(KEY);
  if (!kept) return;
  const image = place.querySelector("img");
  image.onload = () => place.style.setProperty("--r", image.naturalWidth / image.naturalHeight);
  image.src = kept;
  place.hidden = false;
}
