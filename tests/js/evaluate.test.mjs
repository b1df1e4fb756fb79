// The cases of tests/cases/evaluate, which pytest compares too.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { evaluate } from "../../src/handbook/checklists/js/evaluate.mjs";

const FOLDER = new URL("../cases/evaluate/", import.meta.url);

for (const name of readdirSync(FOLDER)) {
  const { payload, today, cases } = JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
  for (const { says, answers, expected } of cases) {
    test(`${name}: ${says}`, () => {
      const before = structuredClone({ payload, answers });
      const result = evaluate(payload, answers, today);
      const compared = Object.fromEntries(Object.keys(expected).map((key) => [key, result[key]]));
      assert.deepEqual(compared, expected);
      assert.deepEqual({ payload, answers }, before, "the payload or the answers were changed");
    });
  }
}

test("an item may be called like a property of every object", () => {
  const items = [{ id: "constructor", text: "C", type: "confirm", rules: ["CON-01"] }];
  const when = { item: "constructor", answered: true };
  const outcomes = [
    { id: "answered", when, text: "", contacts: ["communications"] },
    { id: "open", text: "", contacts: ["communications"] },
  ];
  const payload = { definition: { kind: "form", sections: [{ items }], outcomes } };
  assert.equal(evaluate(payload, Object.create(null), "2026-11-22").outcome, "open");
  assert.equal(evaluate(payload, { constructor: true }, "2026-11-22").outcome, "answered");
});
