// Reads [{payload, answers, today}] from standing input, writes what JavaScript makes of each.
import { readFileSync } from "node:fs";
import * as documents from "../../src/handbook/checklists/js/documents.mjs";

export function makeAll({ payload, answers, today }) {
  if (payload.definition.result === "review") {
    const record = documents.makeReview(payload, answers, today);
    return {
      json: documents.toJson(record),
      sections: documents.planSections(record, payload),
      markdown: documents.makeMarkdown(record, payload),
    };
  }
  const record = documents.makePlan(payload, answers, today);
  return {
    json: documents.toJson(record),
    sections: documents.planSections(record, payload),
    markdown: documents.makeMarkdown(record, payload),
    calendar: documents.makeCalendar(record, payload),
    plan: documents.makeMessage(record, payload, "plan"),
    opened: documents.makeMessage(record, payload, "opened"),
  };
}

if (process.argv[1] === import.meta.filename) {
  const { payloads, cases } = JSON.parse(readFileSync(0, "utf8"));
  const made = cases.map(({ form, ...rest }) => makeAll({ payload: payloads[form], ...rest }));
  process.stdout.write(JSON.stringify(made));
}
