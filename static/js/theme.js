// Runs before the first paint, so that a remembered theme never flashes. Everything else waits for the page.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
root.classList.add("js");

function remembered() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage is closed to us: the system's theme it is
  }
}

function show(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  const isDark = theme ? theme === "dark" : dark.matches;
  for (const button of document.querySelectorAll(".theme-switch")) button.setAttribute("aria-pressed", String(isDark));
}

show(remembered());
dark.addEventListener("change", () => show(remembered()));
addEventListener("storage", () => show(remembered())); // switched in another tab

// A link into a closed menu opens it.
function openTarget() {
  const menu = document.getElementById(location.hash.slice(1))?.closest("details.menu");
  if (menu) menu.open = true;
}
addEventListener("hashchange", openTarget);
document.addEventListener("DOMContentLoaded", () => {
  show(remembered());
  openTarget();
});
document.addEventListener("click", (event) => {
  event.target.closest(".message-close")?.closest(".message").remove();
  const button = event.target.closest(".theme-switch");
  if (button) {
    const wanted = button.getAttribute("aria-pressed") === "true" ? "light" : "dark";
    const system = dark.matches ? "dark" : "light";
    try {
      if (wanted === system) localStorage.removeItem("theme");
      else localStorage.setItem("theme", wanted);
    } catch {
      // not remembered, still shown
    }
    show(wanted === system ? null : wanted);
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A move between pages whose animation the browser skips is no error: someone clicked on before it began, or the other
// page has none.
addEventListener("unhandledrejection", (event) => {
  const { reason } = event;
  if (reason instanceof DOMException && /transition/i.test(reason.message)) event.preventDefault();
});
