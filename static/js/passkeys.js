// Passkeys: asks the browser to make or show one, and sends what it says with the form.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

// Source: https://www.w3.org/TR/webauthn-3/#sctn-parseCreationOptionsFromJSON, for browsers without that function.
function asked(options) {
  const listed = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  const key = { ...options, challenge: bytes(options.challenge) };
  if (options.user) key.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) key.excludeCredentials = listed(options.excludeCredentials);
  if (options.allowCredentials) key.allowCredentials = listed(options.allowCredentials);
  return key;
}

function said(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  const rawId = text(credential.rawId);
  return { id: rawId, rawId, type: credential.type, response, clientExtensionResults: credential.getClientExtensionResults() };
}

async function options(form) {
  if (!form.dataset.challenge) return JSON.parse(document.getElementById("passkey-options").textContent);
  const answer = await fetch(form.dataset.challenge, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

async function use(form) {
  const { publicKey } = await options(form);
  if (form.dataset.passkey === "get") return navigator.credentials.get({ publicKey: asked(publicKey) });
  // One that signs in by itself has to be found without a name being given, and asks who is there.
  const selection = { ...publicKey.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
  return navigator.credentials.create({ publicKey: { ...asked(publicKey), authenticatorSelection: selection } });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  for (const part of [form, ...document.querySelectorAll("[data-passkey-part]")]) part.hidden = false;
  const trouble = form.querySelector(".trouble");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(said(await use(form)));
      form.submit();
    } catch (error) {
      trouble.textContent = (error.name === "InvalidStateError" && form.dataset.known) || form.dataset.cancelled;
      trouble.hidden = false;
    }
  });
}
