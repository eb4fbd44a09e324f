// Reads Markdown pages with a parser of GitHub's dialect and renders every
// formula with KaTeX, which stops at the first command it does not know.
// Says how many formulas there were; ends with status 1 at a problem.
import { readFileSync } from "node:fs";
import katex from "katex";
import { marked } from "marked";

let formulas = 0;
let problems = 0;

function render(file, formula, displayMode) {
  formulas += 1;
  try {
    katex.renderToString(formula, { displayMode, throwOnError: true, strict: "error" });
  } catch (error) {
    problems += 1;
    console.log(`${file}: ${formula}: ${error.message}`);
  }
}

// A formula is a code span with a dollar sign on either side of it.
function spans(file, tokens) {
  tokens.forEach((token, place) => {
    if (token.type === "codespan") {
      const before = tokens[place - 1]?.raw ?? "";
      const after = tokens[place + 1]?.raw ?? "";
      if (before.endsWith("$") && after.startsWith("$")) render(file, token.raw.slice(1, -1), false);
    }
    if (token.type === "html" && !/^<\/?(span|sup)>$/.test(token.raw)) {
      problems += 1;
      console.log(`${file}: HTML: ${token.raw}`);
    }
    if (token.tokens) spans(file, token.tokens);
    for (const item of token.items ?? []) spans(file, item.tokens);
    for (const row of [token.header, ...(token.rows ?? [])]) {
      if (!row) continue;
      for (const cell of row) spans(file, cell.tokens);
    }
    if (token.type === "table") {
      // Excess cells would be dropped without a word.
      const rows = token.raw.trim().split("\n");
      for (const row of rows) {
        const cells = row.replace(/\\\|/g, "").split("|").length - 2;
        if (cells !== token.header.length) {
          problems += 1;
          console.log(`${file}: ${cells} cells in ${row}`);
        }
      }
    }
    if (token.type === "code" && token.lang === "math") render(file, token.text, true);
  });
}

// What a reader sees of a line of text; `span` is there only to hold a dollar sign.
function seen(markdown) {
  const html = marked.parseInline(markdown, { gfm: true }).replace(/<\/?span>/g, "");
  const names = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'" };
  return html.replace(/&(\w+|#39);/g, (whole, name) => names[name] ?? whole);
}

for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".json")) {
    // Pairs of a text and how it was escaped.
    for (const [plain, escaped] of JSON.parse(text)) {
      if (seen(escaped) !== plain) {
        problems += 1;
        console.log(`${plain} is shown as ${seen(escaped)}`);
      }
    }
    continue;
  }
  const tokens = marked.lexer(text, { gfm: true });
  spans(file, tokens);
  const tables = tokens.filter((token) => token.type === "table").length;
  const meant = text.split("\n").filter((line) => /^\| :?-+:? \|/.test(line)).length;
  if (tables !== meant) {
    problems += 1;
    console.log(`${file}: ${meant} tables, of which ${tables} are shown as one`);
  }
}
if (problems === 0) console.log(`${formulas} formulas`);
process.exit(problems === 0 ? 0 : 1);
