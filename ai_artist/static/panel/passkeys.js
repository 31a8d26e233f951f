// Shows what asks for a passkey where the browser has them: with https, or on this machine. Tells
// when none was used; allauth's own scripts do the rest.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const has = "PublicKeyCredential" in window;
  /** @type {HTMLElement | null} */
  const place = document.querySelector(has ? "[data-passkeys]" : "[data-no-passkeys]");
  if (!place) return;
  place.hidden = false;
  const voice = /** @type {HTMLElement} */ (place.querySelector("[role='alert'][hidden]"));
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    voice.textContent = "No passkey was used. Try again, or choose another way.";
    voice.hidden = false;
  });
});
