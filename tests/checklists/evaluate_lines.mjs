// Evaluates answers line by line: [payload, answers, today] in, the result out.
import { createInterface } from "node:readline";
import { evaluate } from "../../src/handbook/checklists/js/evaluate.mjs";

const ascii = (text) =>
  text.replace(/[\u0080-\uffff]/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });

for await (const line of createInterface({ input: process.stdin })) {
  console.log(ascii(JSON.stringify(evaluate(...JSON.parse(line)))));
}
