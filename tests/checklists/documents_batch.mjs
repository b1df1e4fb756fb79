// Reads {payloads, cases} from standing input, writes what JavaScript makes of each case.
// The argument, if there is one, is another script that exports the same functions.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import * as plain from "../../src/handbook/checklists/js/documents.mjs";

export function makeAll({ payload, answers, today }, documents = plain) {
  const { makePlan, makeReview, makeMessage, makeCalendar, makeMarkdown } = documents;
  const isPlan = payload.definition.result === "plan";
  const record = (isPlan ? makePlan : makeReview)(payload, answers, today);
  const made = {
    json: documents.toJson(record),
    sections: documents.planSections(record, payload),
    markdown: makeMarkdown(record, payload),
  };
  if (!isPlan) return made;
  return {
    ...made,
    calendar: makeCalendar(record, payload),
    plan: makeMessage(record, payload, "plan"),
    opened: makeMessage(record, payload, "opened"),
  };
}

if (process.argv[1] === import.meta.filename) {
  const [, , other] = process.argv;
  const documents = other ? await import(pathToFileURL(other)) : plain;
  const { payloads, cases } = JSON.parse(readFileSync(0, "utf8"));
  const made = cases.map(({ form, ...rest }) => {
    return makeAll({ payload: payloads[form], ...rest }, documents);
  });
  process.stdout.write(JSON.stringify(made));
}
