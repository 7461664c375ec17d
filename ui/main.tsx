// Begins the page: sign in, then the stream, then the view that the address names.
import { effect } from "@preact/signals";
import { render } from "preact";
import { startListening, stopListening } from "./live.ts";
import { startKeys } from "./keys.ts";
import { startClock } from "./parts/ago.tsx";
import { setTabIcon } from "./parts/icon.tsx";
import { followAddress } from "./route.ts";
import { begin, signedIn } from "./session.ts";
import { Shell } from "./shell.tsx";
import { SignIn } from "./sign-in.tsx";

function Page() {
  return signedIn.value === "yes" ? <Shell /> : <SignIn />;
}

const root = document.getElementById("page");
if (root !== null) render(<Page />, root);
setTabIcon();
followAddress();
startClock();
startKeys();
effect(() => (signedIn.value === "yes" ? startListening() : stopListening()));
void begin();
