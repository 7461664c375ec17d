// The effects of messages by the names Messages shows, of the bubble and of the screen.

const BUBBLE_EFFECTS: Readonly<Record<string, string>> = {
  slam: "impact",
  impact: "impact",
  loud: "loud",
  gentle: "gentle",
  "invisible-ink": "invisibleink",
  invisibleink: "invisibleink",
};
const SCREEN_EFFECTS: Readonly<Record<string, string>> = {
  echo: "CKEchoEffect",
  spotlight: "CKSpotlightEffect",
  balloons: "CKHappyBirthdayEffect",
  confetti: "CKConfettiEffect",
  love: "CKHeartEffect",
  lasers: "CKLasersEffect",
  fireworks: "CKFireworksEffect",
  sparkles: "CKSparklesEffect",
};

/** Apple's name of an effect; another name stays as it is. */
export function expandEffect(name: string): string {
  const bubble = BUBBLE_EFFECTS[name.toLowerCase()];
  if (bubble !== undefined) return `com.apple.MobileSMS.expressivesend.${bubble}`;
  const screen = SCREEN_EFFECTS[name.toLowerCase()];
  return screen === undefined ? name : `com.apple.messages.effect.${screen}`;
}
