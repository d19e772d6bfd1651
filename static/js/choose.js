// Choosing files and whole folders, by hand or by dropping them; upload.js sends photos, archives.js archives.
const PICTURES = /\.(jpe?g|jfif|png|webp|hei[cf]|hif|avif|gif|tiff?|bmp|jp2|dng|arw|cr[23]|nef|orf|raf|rw2)$/i;
const ARCHIVES = /\.(zip|tgz|tar\.gz)$/i; // of services and others; archives.js sends them
const NOT_MEANT = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/i; // what systems leave in folders

const form = document.getElementById("upload");
const tell = (name, detail) => form.dispatchEvent(new CustomEvent(`files:${name}`, { detail }));

form.classList.add("is-live");
for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    const isFolder = input.id === "folder";
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
  if (!entries.length) return take(plain.map((file) => ({ file, path: file.name, isFolder: false })));
  tell("walk", 1);
  try {
    for (const entry of entries) await walk(entry, entry.isDirectory);
  } finally {
    tell("walk", -1);
  }
});

/** Take a file, or everything below a folder, a little at a time so that sending starts at once. */
async function walk(entry, isFolder) {
  if (entry.isFile) {
    try {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      take([{ file, path: entry.fullPath || file.name, isFolder }]);
    } catch {
      tell("refused", { name: entry.name, why: "unreadable" });
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
    tell("refused", { name: entry.name, why: "folder_closed" });
  }
}

function take(all) {
  const archives = all.filter(({ file, path }) => ARCHIVES.test(file.name) && !NOT_MEANT.test(path));
  if (archives.length) document.dispatchEvent(new CustomEvent("archives:chosen", { detail: archives.map(({ file }) => file) }));
  const chosen = all.filter((one) => !archives.includes(one));
  if (archives.length && !chosen.length) return;
  const meant = chosen.filter(({ file, path, isFolder }) => !isFolder || (!NOT_MEANT.test(path) && PICTURES.test(file.name)));
  tell("chosen", { files: meant.map(({ file }) => file), leftOut: chosen.length - meant.length });
}
