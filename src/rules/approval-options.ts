// How an agent's options are offered to an owner, and which of them a yes or a no is.
import type {
  ApprovalOffer,
  ApprovalOption,
  ApprovalOptionKind,
  ApprovalRequest,
  OfferedOption,
  StandingScope,
  TurnKind,
} from "../model/approval.ts";
import { plainLine } from "../model/plain-line.ts";

/** More options than a phone shows well are not offered. */
const MOST_OPTIONS = 9;
const LONGEST_LABEL = 80;

/** Names of options that decide about this call and choose nothing beside; case and punctuation do not matter. */
const PLAIN_IDS: Readonly<Record<ApprovalOptionKind, ReadonlySet<string>>> = {
  allow_once: ids(
    "allow allowonce once yes y ok approve approveonce approved accept acceptonce proceed proceedonce",
  ),
  allow_always: ids(
    "allowalways always alwaysallow approvealways alwaysapprove acceptalways alwaysaccept proceedalways " +
      "approvedforsession approveforsession allowforsession allowsession acceptforsession",
  ),
  reject_once: ids("reject rejectonce deny denyonce denied no n cancel abort decline refuse skip"),
  reject_always: ids("rejectalways alwaysreject denyalways alwaysdeny never neverallow rejectforsession"),
};

const FALLBACKS: Readonly<Record<ApprovalOptionKind, string>> = {
  allow_once: "Allow once",
  allow_always: "Always allow",
  reject_once: "Reject",
  reject_always: "Always reject",
};

/** What decides how options are offered. */
export interface OfferPolicy {
  readonly turnKind: TurnKind;
  /** All of the request is shown. */
  readonly isWhole: boolean;
}

/**
 * The options as an owner is offered them. The gateway keeps an "always" itself and tells the agent "once" each time: an agent that is told
 * "always" makes a rule of its own of it, which nobody sees, which may hold for more, and which cannot be taken back. So an "always" is
 * offered only where it can mean exactly what is shown, and never for a guest's turn. There is always a way to say no.
 */
export function offerOptions(request: ApprovalRequest, policy: OfferPolicy): ApprovalOffer {
  const offered = request.options.slice(0, MOST_OPTIONS).flatMap((option) => {
    const one = offer(request, option, policy);
    return one === undefined ? [] : [one];
  });
  const canRefuse = offered.some(({ kind }) => kind === "reject_once");
  const options = canRefuse ? offered : [...offered, NO];
  return { options, isWhole: policy.isWhole };
}

/** A no that the agent has no option for. */
const NO: OfferedOption = {
  optionId: undefined,
  label: "No",
  kind: "reject_once",
  tells: undefined,
  isStanding: false,
};

/** Undefined: it is not offered. */
function offer(
  request: ApprovalRequest,
  option: ApprovalOption,
  { turnKind, isWhole }: OfferPolicy,
): OfferedOption | undefined {
  const { id, kind } = option;
  const label = plainLine(option.label, LONGEST_LABEL) || FALLBACKS[kind];
  const asItIs = { optionId: id, label, kind, tells: id, isStanding: false };
  if (!isForGood(kind)) return asItIs;
  if (isPlain(request, option)) {
    const once = onlyOnce(request, kind);
    if (request.standing === undefined || !isWhole || once === undefined) return undefined;
    if (isAllowing(kind) && turnKind === "guests") return undefined;
    return { ...asItIs, label: standingLabel(request, kind), tells: once.id, isStanding: true };
  }
  // A mode or a plan is chosen in the agent's own words, and the agent is told that very choice.
  if (isAllowing(kind) && turnKind === "guests") return undefined;
  if (choosesMode(request)) return asItIs;
  return isWhole ? { ...asItIs, label: `${label} (the agent keeps this itself)` } : undefined;
}

/** The one plain option by which the agent is told "once". */
function onlyOnce(request: ApprovalRequest, forGood: ApprovalOptionKind): ApprovalOption | undefined {
  const kind = isAllowing(forGood) ? "allow_once" : "reject_once";
  const [first, ...others] = request.options.filter((option) => option.kind === kind);
  return first && others.length === 0 && isPlain(request, first) ? first : undefined;
}

/** It says yes or no to this call, and nothing else. */
function isPlain(request: ApprovalRequest, { id, kind }: ApprovalOption): boolean {
  const isOnly = request.options.filter((option) => option.kind === kind).length === 1;
  return isOnly && !choosesMode(request) && PLAIN_IDS[kind].has(bareId(id));
}

/** It is about how the agent goes on, not about one call. */
export function choosesMode({ toolKind }: Pick<ApprovalRequest, "toolKind">): boolean {
  return toolKind === "switch_mode";
}

function standingLabel({ standing }: ApprovalRequest, kind: ApprovalOptionKind): string {
  const word = isAllowing(kind) ? "Always allow" : "Never allow";
  return `${word} ${COVERED[standing?.covers ?? "call"]}`;
}

const COVERED: Readonly<Record<StandingScope["covers"], string>> = {
  file: "changes to this file",
  files: "changes to these files",
  call: "exactly this",
};

/** True for an option that decides for more than once. */
export function isForGood(kind: ApprovalOptionKind): boolean {
  return kind === "allow_always" || kind === "reject_always";
}

/** True for an option that lets the agent do it. */
export function isAllowing(kind: ApprovalOptionKind): boolean {
  return kind === "allow_once" || kind === "allow_always";
}

/** The agent's option that says this, for once if there is one; undefined: none does. */
export function chooseOption(
  { options }: Pick<ApprovalRequest, "options">,
  how: "allow" | "deny",
): ApprovalOption | undefined {
  const [once, always] =
    how === "allow" ? (["allow_once", "allow_always"] as const) : (["reject_once", "reject_always"] as const);
  return options.find(({ kind }) => kind === once) ?? options.find(({ kind }) => kind === always);
}

function bareId(id: string): string {
  return id.toLowerCase().replace(/[^a-z]/g, "");
}

function ids(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}
