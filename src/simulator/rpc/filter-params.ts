// The parameters that imsg's reading methods from 0.14 share.

import type { MessageFilter } from "../read/filter.ts";
import { invalidParams } from "./error.ts";
import { buildFilter } from "./reading.ts";
import type { StrictParams } from "./strict-params.ts";

/** Whose messages, of which time. */
export function filterOf(params: StrictParams): MessageFilter {
  const participants = params.strings("participants") ?? [];
  const span = { start: params.string("start"), end: params.string("end") };
  return buildFilter(participants, span, invalidParams);
}

/** Whether attachments are told, and those converted that models cannot read. */
export function attachmentOptions(params: StrictParams): { attachments: boolean; convert: boolean } {
  return {
    attachments: params.boolean("attachments") ?? false,
    convert: params.boolean("convert_attachments") ?? false,
  };
}
