// What a browser sees that is not signed in.
import { enter, offeredCode, signedIn, signInError } from "./session.ts";
import { Failure } from "./parts/notice.tsx";

/** The screen. */
export function SignIn() {
  if (signedIn.value === "asking") return <main class="center" aria-busy="true" />;
  return (
    <main class="center">
      <h1>Sign in to CoderClaw</h1>
      {signInError.value !== undefined && <Failure error={signInError.value} />}
      {offeredCode.value !== undefined && signedIn.value === "no" && <Offer code={offeredCode.value} />}
      {signedIn.value === "unreachable" ? (
        <p role="status">The gateway does not answer right now. Trying again…</p>
      ) : (
        <>
          <p>Get a link on the gateway's machine. It signs in this browser for 30 days:</p>
          <pre class="card">coderclaw page</pre>
          <p>Or text your gateway, as its owner:</p>
          <pre class="card">/page</pre>
        </>
      )}
    </main>
  );
}

/** A link from Messages waits for the person to say yes. */
function Offer({ code }: { readonly code: string }) {
  const signIn = async (): Promise<void> => {
    offeredCode.value = undefined;
    await enter(code);
  };
  return (
    <button type="button" class="button" data-kind="main" onClick={() => void signIn()}>
      Sign in on this device
    </button>
  );
}
