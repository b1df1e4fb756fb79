// The documents of tests/cases/documents, which pytest compares too; and what typed text may do.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { makeChannelId } from "../../src/handbook/checklists/js/documents.mjs";
import { makeAll } from "../checklists/documents_batch.mjs";

const FOLDER = new URL("../cases/documents/", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
const payload = read("payload.json");
const { ids, ...rest } = read("channel-ids.json");

for (const name of readdirSync(FOLDER).filter((name) => /^plan-.*\.json$/.test(name))) {
  test(`documents: ${name}`, () => {
    const { answers, today, expected } = read(name);
    const { json, ...made } = makeAll({ payload, answers, today });
    assert.deepEqual({ record: JSON.parse(json), ...made }, expected);
  });
}

test("channel ids", () => {
  assert.deepEqual(rest, {});
  for (const [platform, handle, name, id] of ids) {
    assert.equal(makeChannelId(platform, handle, name), id);
  }
});
