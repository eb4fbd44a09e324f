'use strict';
// Marks the page as `chainrule mark` does. Formulas, ranges of rounding and
// mistakes come from the program; here is arithmetic only.
const exercise = JSON.parse(document.getElementById('exercise').textContent);
const stated = exercise.decimals;
// A formula may be part of many: each part is written once, as the place it has
// in a list, behind those that it is made of.
const formulas = [];
for (const [head, ...parts] of exercise.formulas) {
  const part = place => formulas[place];
  formulas.push(head === 'number' ? parts[0]
    : head === '+' ? [head, ...parts.map(([sign, place]) => [sign, part(place)])]
    : head === 'f' ? [head, parts[0], part(parts[1])]
    : head === 'line' || head === 'given' ? [head, ...parts]
    : [head, ...parts.map(part)]);
}
const mistake = ([id, text, formula, then = []]) =>
  ({ id, ...exercise.kinds[id], text: exercise.texts[text], tree: formulas[formula], then });
for (const line of exercise.lines) {
  line.tree = formulas[line.formula];
  line.mistakes = line.mistakes.map(mistake);
}
const plain = id => ({ id, ...exercise.kinds[id] });

// Numbers.
const functions = {
  square: [x => x * x], exp: [Math.exp], expm1: [Math.expm1], ln: [Math.log], tanh: [Math.tanh],
  softplus: [x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
};
const down = x => Number.isFinite(x) ? x - Math.abs(x) * 2.3e-16 - 5e-324 : x;
const up = x => Number.isFinite(x) ? x + Math.abs(x) * 2.3e-16 + 5e-324 : x;
const wide = (low, high, steps) => {
  for (let step = 0; step < steps; step++) { low = down(low); high = up(high); }
  return [Number.isNaN(low) ? -Infinity : low, Number.isNaN(high) ? Infinity : high];
};
const hull = (x, y) => [Math.min(x[0], y[0]), Math.max(x[1], y[1])];
const within = (x, value) => x[0] <= value && value <= x[1];

/// Rounds to decimals; a half goes away from zero (0), up (1), down (-1), to the
/// even digit or towards zero. It is seen on the decimal number a person sees:
/// fifteen digits of it.
function round(x, decimals, half) {
  if (!Number.isFinite(x) || x === 0) return x;
  const [mantissa, power] = Math.abs(x).toExponential(14).split('e');
  let digits = mantissa.replace('.', '');
  const keep = Number(power) + 1 + decimals;
  if (keep < 0) return 0;
  if (keep < digits.length) {
    const rest = digits.slice(keep);
    const isTie = rest[0] === '5' && /^50*$/.test(rest);
    let kept = BigInt(digits.slice(0, keep) || '0');
    const away = !isTie ? rest[0] >= '5'
      : half === 'even' ? kept % 2n === 1n
      : half === 'towards zero' ? false
      : half === 0 || (half > 0) === (x > 0);
    if (away) kept += 1n;
    return Number(`${x < 0 ? '-' : ''}${kept}e${-decimals}`);
  }
  return Number(`${x < 0 ? '-' : ''}${digits}e${Number(power) - 14}`);
}
const rounded = (x, decimals) =>
  [Math.min(x[0], round(x[0], decimals, -1)), Math.max(x[1], round(x[1], decimals, 1))];
const same = (x, y) => x === y || Math.abs(x - y) <= 1e-12 * Math.max(Math.abs(x), Math.abs(y));
/// What a calculator of some ten digits may show for a value.
const seen = x => seenAll([x, x]);
/// The same for all that a value may be.
const seenAll = ([low, high]) => Number.isFinite(low) && Number.isFinite(high)
  ? [low - 1e-11 * Math.abs(low), high + 1e-11 * Math.abs(high)] : [low, high];
/// What may be carried on from a line: as it was computed, or noted down with
/// some decimals more than on the sheet.
const guarded = (computed, decimals) =>
  [1, 2, 3].reduce((all, more) => hull(all, rounded(computed, decimals + more)), computed);
const unit = decimals => Math.pow(10, -decimals);
const show = (x, decimals) => {
  const shown = round(x, decimals, 0);
  return (shown === 0 ? 0 : shown).toFixed(decimals);
};

// A formula is a tree: ['given', n], ['given', n, 'input'], ['line', n], ['+', [sign, tree] …],
// ['*', tree …], ['/', x, y], ['f', name, x], ['if', condition, then, otherwise],
// or a number.
function point(tree, value) {
  if (typeof tree === 'number') return tree;
  const at = part => point(part, value);
  switch (tree[0]) {
    case 'given': case 'line': return value(tree);
    case '+': {
      let sum = null;
      for (const [sign, part] of tree.slice(1)) {
        const x = at(part);
        sum = sum === null ? (sign < 0 ? -x : x) : sign < 0 ? sum - x : sum + x;
      }
      return sum;
    }
    case '*': return tree.slice(2).reduce((product, part) => product * at(part), at(tree[1]));
    case '/': return at(tree[1]) / at(tree[2]);
    case 'f': return functions[tree[1]][0](at(tree[2]));
    default: return at(tree[1]) > 0 ? at(tree[2]) : at(tree[3]);
  }
}
const corners = (x, y, operation) => {
  const all = [operation(x[0], y[0]), operation(x[0], y[1]), operation(x[1], y[0]), operation(x[1], y[1])];
  if (all.some(Number.isNaN)) return [-Infinity, Infinity];
  return wide(Math.min(...all), Math.max(...all), 1);
};
function interval(tree, value) {
  if (typeof tree === 'number') return [tree, tree];
  const at = part => interval(part, value);
  switch (tree[0]) {
    case 'given': case 'line': return value(tree);
    case '+': {
      let sum = null;
      for (const [sign, part] of tree.slice(1)) {
        let x = at(part);
        if (sign < 0) x = [-x[1], -x[0]];
        sum = sum === null ? x : wide(sum[0] + x[0], sum[1] + x[1], 1);
      }
      return sum;
    }
    case '*':
      return tree.slice(2).reduce((x, part) => corners(x, at(part), (a, b) => a * b), at(tree[1]));
    case '/': {
      const y = at(tree[2]);
      return within(y, 0) ? [-Infinity, Infinity] : corners(at(tree[1]), y, (a, b) => a / b);
    }
    case 'f': {
      const x = at(tree[2]);
      if (tree[1] === 'square') {
        const [low, high] = [x[0] * x[0], x[1] * x[1]];
        return within(x, 0) ? [0, up(Math.max(low, high))] : wide(Math.min(low, high), Math.max(low, high), 1);
      }
      const f = functions[tree[1]][0];
      return wide(f(x[0]), f(x[1]), 2);
    }
    default: {
      const condition = at(tree[1]);
      if (condition[0] > 0) return at(tree[2]);
      return condition[1] <= 0 ? at(tree[3]) : hull(at(tree[2]), at(tree[3]));
    }
  }
}
function quantities(tree, found = []) {
  if (Array.isArray(tree)) {
    if (tree[0] === 'given' || tree[0] === 'line') found.push(tree);
    else for (const part of tree.slice(1)) {
      if (Array.isArray(part)) {
        if (tree[0] === '+') quantities(part[1], found); else quantities(part, found);
      }
    }
  }
  return found;
}
/// Bounds of a formula: what stands in it twice is cut into pieces.
function bounds(tree, value) {
  const counts = new Map();
  for (const one of quantities(tree)) {
    const key = one.join();
    counts.set(key, [one, (counts.get(key) || [0, 0])[1] + 1]);
  }
  const open = [...counts.values()].filter(([, count]) => count > 1).map(([one]) => [one.join(), value(one)])
    .filter(([, x]) => x[1] > x[0] && Number.isFinite(x[0]) && Number.isFinite(x[1]));
  const pieces = [1, 16, 6, 3][open.length] || 1;
  const cut = (rest, value) => {
    if (rest.length === 0) return interval(tree, value);
    const [[key, whole], ...others] = rest;
    const edge = n => n === pieces ? whole[1] : whole[0] + (whole[1] - whole[0]) * (n / pieces);
    let all = null;
    for (let n = 0; n < pieces; n++) {
      const piece = [edge(n), Math.max(edge(n + 1), edge(n))];
      const part = cut(others, one => one.join() === key ? piece : value(one));
      all = all === null ? part : hull(all, part);
    }
    return all;
  };
  return cut(open, value);
}

// What was written.
function read(text) {
  const plain = text.trim().replace(/[−–]/g, '-').replace(',', '.').replace(/\s/g, '');
  if (plain === '') return null;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return { text, problem: true };
  const value = Number(plain);
  const [mantissa, power] = plain.toLowerCase().split('e');
  const decimals = ((mantissa.split('.')[1] || '').length) - Number(power || 0);
  const digits = mantissa.replace(/^[+-]/, '').replace(/^[0.]+/, '').replace('.', '').length;
  // More decimals than were asked for count; fewer do not.
  return { text: plain, value, digits, decimals: Math.max(stated, decimals) };
}

// The judgement of every line.
function judge(answers) {
  const own = [];
  const at = (part, given) => one => one[0] === 'line' ? part(own[one[1]], one[1]) : given(exercise.givens[one[1]]);
  const exactOf = one => one[0] === 'line' ? exercise.lines[one[1]].exact : exercise.givens[one[1]];
  const number = at(one => one.point, x => x);
  const near = at(one => one.near, x => [x, x]);
  const reaching = at(one => one.reach, x => [x, x]);
  const isZeroWork = line => {
    const products = [];
    const collect = tree => {
      if (!Array.isArray(tree)) return;
      if (tree[0] === '*') products.push(tree);
      if (tree[0] === '+') for (const [, part] of tree.slice(1)) collect(part);
    };
    collect(line.tree);
    return products.length > 0 && products.every(one => point(one, number) === 0)
      && products.some(one => point(one, exactOf) !== 0);
  };
  const canReach = (line, value, decimals) => {
    const open = new Map();
    for (const one of quantities(line.tree)) {
      if (one[0] === 'line' && own[one[1]].unrounded) open.set(one.join(), own[one[1]].unrounded);
    }
    const keys = [...open.keys()];
    if (keys.length > 7) return within(rounded(seenAll(bounds(line.tree, near)), decimals), value);
    for (let choice = 0; choice < 1 << keys.length; choice++) {
      const found = bounds(line.tree, one => {
        const place = keys.indexOf(one.join());
        if (place < 0) return near(one);
        return choice >> place & 1 ? open.get(one.join()) : [number(one), number(one)];
      });
      if (within(rounded(seenAll(found), decimals), value)) return true;
    }
    return false;
  };
  for (const [place, line] of exercise.lines.entries()) {
    const written = answers[place];
    const reach = bounds(line.tree, reaching);
    const computed = bounds(line.tree, near);
    let tainted = quantities(line.tree).some(one => one[0] === 'line' && own[one[1]].tainted);
    const gives = point(line.tree, number);
    if (!written || written.problem) {
      const noted = x => hull(rounded(x, stated), guarded(x, stated));
      own.push({ point: gives, near: noted(computed), unrounded: null,
        reach: noted(reach), gives, verdict: null, tainted });
      continue;
    }
    const { value, decimals } = written;
    const reachable = rounded(seenAll(reach), decimals);
    const isOwn = within(rounded(seen(gives), decimals), value)
      || (within(rounded(seenAll(computed), decimals), value) && canReach(line, value, decimals));
    const isRight = tainted ? within(reachable, value) : isOwn;
    const before = isOwn ? computed : isRight ? reach : null;
    const half = 0.5 * unit(decimals) * (1 + 1e-9);
    let unrounded = null;
    if (before) {
      const carried = guarded(before, decimals);
      const [low, high] = [Math.max(carried[0], value - half), Math.min(carried[1], value + half)];
      if (low <= high) unrounded = [low, high];
    }
    const nearby = !before ? [value - half, value + half]
      : unrounded ? hull(unrounded, [value, value]) : [value, value];
    let verdict;
    if (isRight) verdict = 'right';
    else if (!isOwn) verdict = 'wrong';
    else if ((gives === 0 && line.exact !== 0) || isZeroWork(line)) verdict = 'carried-trivially';
    else verdict = 'carried';
    tainted = verdict !== 'right';
    own.push({ point: value, near: nearby, unrounded, reach: hull(reachable, guarded(reach, decimals)),
      gives, verdict, tainted });
  }
  return { own, number, near, reaching };
}

// The mistakes that explain a wrong number.
function slips(right, written) {
  const { value, decimals } = written;
  const found = [];
  if (!Number.isFinite(right)) return found;
  const nearest = round(right, decimals, 0);
  const cut = Math.abs(nearest) <= Math.abs(right) || same(nearest, right) ? nearest
    : round(nearest - Math.sign(right) * unit(decimals), decimals, 0);
  const isRounded = same(nearest, value);
  if (same(cut, value) && !isRounded) found.push('cut-off');
  for (let less = 1; less <= 3 && decimals - less > 0; less++) {
    const coarse = round(right, decimals - less, 0);
    if (coarse !== 0 && same(coarse, value) && !isRounded) { found.push('rounded-too-early'); break; }
  }
  const shown = [1, -1].map(half => {
    const x = round(right, decimals, half);
    return (x === 0 ? 0 : x).toFixed(decimals);
  });
  const digits = text => text.replace(/^-/, '').replace(/^[0.]+/, '').replace('.', '').length;
  if (Math.max(written.digits, digits(shown[0])) > 1) {
    const exchanged = shown.some(text => {
      const letters = [...text];
      const places = letters.map((_, n) => n).filter(n => /\d/.test(letters[n]));
      return places.slice(1).some((second, n) => {
        const first = places[n];
        if (letters[first] === letters[second]) return false;
        const other = [...letters];
        [other[first], other[second]] = [other[second], other[first]];
        return same(Number(other.join('')), value);
      });
    });
    if (exchanged) found.push('digits-transposed');
    if (value !== 0 && right !== 0) {
      const half = 0.5 * unit(decimals) * (1 + 1e-9);
      const slipped = [-3, -2, -1, 1, 2, 3].some(shift => {
        const factor = Math.pow(10, shift);
        const moved = nearest * factor;
        return same(moved, value) || Math.abs(right * factor - value) <= half || Math.abs(moved - value) <= half;
      });
      if (slipped) found.push('decimal-point');
    }
  }
  return found;
}
/// Whether exactly one digit is different, of four or more.
function hasWrongDigit(right, { value, decimals, digits }) {
  if (!Number.isFinite(right)) return false;
  const [x, y] = [[...show(right, decimals)], [...show(value, decimals)]];
  return digits > 3 && x.length === y.length && x.filter((letter, n) => letter !== y[n]).length === 1;
}
/// Works a formula as a person does who rounds in between: every result in it,
/// of a product the whole ('results') or after every factor ('factors'), or
/// products alone ('products').
function inSteps(tree, decimals, value, isWhole, steps) {
  if (!Array.isArray(tree) || tree[0] === 'line' || tree[0] === 'given') return point(tree, value);
  const inner = part => inSteps(part, decimals, value, false, steps);
  const cut = x => round(x, decimals, 0);
  const done = x => isWhole || (steps === 'products' && tree[0] !== '*') ? x : cut(x);
  switch (tree[0]) {
    case '+': return done(tree.slice(1).reduce((sum, [sign, part]) => sum + sign * inner(part), 0));
    case '*': {
      const factors = tree.slice(1);
      const last = factors.pop();
      const product = factors.length === 0 ? 1
        : factors.slice(1).reduce((x, part) => steps === 'factors' ? cut(x * inner(part)) : x * inner(part), inner(factors[0]));
      return done(product * inner(last));
    }
    case '/': return done(inner(tree[1]) / inner(tree[2]));
    case 'f': return done(functions[tree[1]][0](inner(tree[2])));
    default: return done(point(tree, value));
  }
}
/// Whether a formula gives a number when something in it is rounded that is no
/// result: computed numbers and the network's inputs, all or one of them, every
/// half alike; or what is computed on the way.
function isRoundedTooEarly(tree, decimals, number, fits) {
  const isRounded = one => one[0] === 'line' || one[2] === 'input';
  const rounded = [...new Set(quantities(tree).filter(isRounded).map(one => one.join()))];
  for (let less = 1; less <= 3 && decimals - less > 0; less++) {
    const isFitting = isCoarse => [0, 'even', 'towards zero'].some(half => fits(point(tree, one => {
      const x = number(one);
      return isCoarse(one) ? round(x, decimals - less, half) : x;
    })));
    if (isFitting(isRounded)) return true;
    if (rounded.length > 1 && rounded.some(key => isFitting(one => one.join() === key))) return true;
  }
  for (let less = 0; less <= 3 && (less === 0 || decimals - less > 0); less++) {
    const isFitting = steps => fits(inSteps(tree, decimals - less, number, true, steps));
    if (['results', 'factors', 'products'].some(isFitting)) return true;
  }
  return false;
}

// What `mark` searches for pairs of, and how many digits one wrong digit needs
// beside another mistake.
const mostInPairs = 150;
const digitsForOneWrong = 5;
/// Returns the explanations of a wrong number, each a mistake or two.
function diagnose(line, written, judged) {
  const { own, number, near, reaching } = judged;
  const { value, decimals, digits } = written;
  const place = exercise.lines.indexOf(line);
  const gives = own[place].gives;
  const fits = x => Number.isFinite(x[0]) && Number.isFinite(x[1]) && within(rounded(x, decimals), value);
  const isTurned = x => x !== 0 && same(round(-x, decimals, 0), value);
  const isEarly = tree => isRoundedTooEarly(tree, decimals, number, x => fits(seen(x)));
  const has = (found, ...ids) => found.some(one => ids.includes(one.id));
  const single = all => {
    const found = [];
    for (const one of all) {
      const ofKind = found.filter(known => known.id === one.id);
      if (ofKind.length < 2 && !ofKind.some(known => known.text === one.text)) found.push(one);
    }
    return found.map(one => [one]);
  };
  const exact = () => {
    const found = line.mistakes.filter(one => fits(seen(point(one.tree, number))));
    found.push(...slips(gives, written).map(plain));
    if (isTurned(gives) && !has(found, 'target-sign', 'sign-lost')) found.push(plain('sign-lost'));
    if (isEarly(line.tree)) found.push(plain('rounded-too-early'));
    return single(found);
  };
  const bounded = earlier => {
    const found = line.mistakes.filter(one => fits(bounds(one.tree, earlier)));
    found.push(...slips(line.exact, written).map(plain));
    return single(found);
  };
  const between = earlier => fits(bounds(line.tree, earlier)) ? [[plain('rounded-too-early')]] : [];
  const resembling = () => {
    const found = [];
    if (digits > 1) {
      if (line.other !== null && fits(seen(line.other))) found.push(plain(exercise.otherOrder));
      for (const [at, other] of exercise.lines.entries()) {
        if (at !== place && other.step === line.step && (fits(seen(other.exact)) || (at < place && fits(seen(own[at].point))))) {
          const one = plain('other-line');
          found.push({ ...one, text: `${one.text}: ${other.symbol}` });
        }
      }
    }
    if (hasWrongDigit(gives, written) || hasWrongDigit(line.exact, written)) found.push(plain('wrong-digit'));
    return single(found);
  };
  const pairs = () => {
    if (digits < 2 || line.mistakes.length > mostInPairs) return [];
    const found = [];
    for (const first of line.mistakes) {
      const x = point(first.tree, number);
      found.push(...slips(x, written).map(id => [first, plain(id)]));
      if (isTurned(x)) found.push([first, plain('sign-lost')]);
      if (isEarly(first.tree)) found.push([first, plain('rounded-too-early')]);
      for (const second of first.then) {
        if (fits(seen(point(formulas[second[2]], number)))) found.push([first, mistake(second)]);
      }
    }
    found.push(...slips(-gives, written).map(id => [plain('sign-lost'), plain(id)]));
    if (found.length === 0 && digits >= digitsForOneWrong) {
      for (const first of line.mistakes) {
        if (hasWrongDigit(point(first.tree, number), written)) found.push([first, plain('wrong-digit')]);
      }
      if (hasWrongDigit(-gives, written)) found.push([plain('sign-lost'), plain('wrong-digit')]);
    }
    const once = new Map();
    for (const pair of found) {
      pair.sort((x, y) => x.rank - y.rank);
      const key = pair.map(one => one.id).join();
      if (!once.has(key)) once.set(key, pair);
    }
    return [...once.values()];
  };
  const levels = [exact, () => bounded(near), () => bounded(reaching), () => between(near), resembling,
    () => between(reaching), pairs];
  for (const [level, search] of levels.entries()) {
    const found = search();
    if (found.length > 0) return { found: sort(found, new Map()), isSure: level < 4 };
  }
  return { found: [], isSure: false };
}
/// Puts explanations in order: mistakes that were made elsewhere too, then the
/// more plausible ones.
function sort(found, made) {
  const often = all => all.reduce((sum, one) => sum + (made.get(one.id) || 0), 0);
  const byRank = (x, y) => {
    for (let n = 0; n < Math.min(x.length, y.length); n++) {
      if (x[n].rank !== y[n].rank) return x[n].rank - y[n].rank;
    }
    return x.length - y.length;
  };
  return found.sort((x, y) => often(y) - often(x) || byRank(x, y));
}

/// Marks all answers, one text for each line that is asked for.
function mark(texts) {
  const answers = exercise.lines.map((line, place) => line.asked ? read(texts[line.id] || '') : null);
  const judged = judge(answers);
  const marked = [];
  for (const [place, line] of exercise.lines.entries()) {
    if (!line.asked) continue;
    const written = answers[place];
    const own = judged.own[place];
    const verdict = own.verdict || 'missing';
    const { found, isSure } = verdict === 'wrong' ? diagnose(line, written, judged) : { found: [] };
    marked.push({ id: line.id, line, written, own, verdict, found, isSure });
  }
  // Who misunderstands something does so again.
  const made = new Map();
  for (const { found, isSure } of marked) {
    if (found.length !== 1 || !isSure) continue;
    for (const { id, slip } of found[0]) if (!slip) made.set(id, (made.get(id) || 0) + 1);
  }
  const share = { right: 1, carried: exercise.carried, 'carried-trivially': 0, missing: 0 };
  for (const one of marked) {
    sort(one.found, made);
    const left = all => all.every(found => found.slip) ? exercise.slip : exercise.mistake;
    const part = one.verdict === 'wrong'
      ? Math.max(0, ...one.found.map(left))
      : share[one.verdict];
    one.points = one.line.worth * part;
    one.comment = comment(one);
  }
  return marked;
}
function comment({ line, written, own, verdict, found }) {
  if (written && written.problem) return `“${written.text}” is not a number.`;
  const decimals = written ? written.decimals : stated;
  const right = show(line.exact, decimals);
  const gives = show(own.gives, decimals);
  switch (verdict) {
    case 'right': {
      const isExact = within(rounded([line.exact, line.exact], decimals), written.value);
      return isExact ? '' : `Right by the rounding before it; without rounding it is ${right}.`;
    }
    case 'missing': return 'Not answered.';
    case 'carried': return `Right from your own earlier numbers; without the slip it is ${right}.`;
    case 'carried-trivially':
      return `Right from your own earlier numbers, but the slip left nothing to do here; it is ${right}.`;
    default: {
      const capital = text => text[0].toUpperCase() + text.slice(1);
      const named = found.slice(0, 3).map(all => all.map(one => one.text).join(', and '));
      if (found.length > 3) named.push(`${found.length - 3} more explain it as well`);
      const why = named.length > 0 ? named.join('; or ') : 'no usual mistake explains it';
      const from = gives === right ? '' : ` Your own numbers give ${gives}.`;
      return `Should be ${right}.${from} ${capital(why)}.`;
    }
  }
}

// The page.
const field = id => document.getElementById(`answer-${id}`);
const asked = exercise.lines.filter(line => line.asked);
const texts = () => Object.fromEntries(asked.map(line => [line.id, field(line.id).value]));
const words = { right: '✓ right', carried: '↷ right from own', 'carried-trivially': '↷ nothing left to do', wrong: '✗ wrong', missing: '– missing' };
const plainPoints = points => String(Math.round(points * 100) / 100);
function showMarks() {
  const marked = mark(texts());
  for (const one of marked) {
    const row = field(one.id).closest('tr');
    row.dataset.verdict = one.verdict;
    row.querySelector('.verdict').textContent = words[one.verdict];
    row.querySelector('.got').textContent = plainPoints(one.points);
    row.querySelector('.comment').textContent = one.comment.replace(/-(?=[\d.])/g, '−');
  }
  const sum = key => marked.reduce((all, one) => all + (key === 'points' ? one.points : one.line.worth), 0);
  const right = marked.filter(one => one.verdict === 'right').length;
  document.getElementById('outcome').textContent =
    `${right} of ${marked.length} lines right: ${plainPoints(sum('points'))} of ${plainPoints(sum('worth'))} points.`;
  return marked;
}
function clearMarks() {
  for (const row of document.querySelectorAll('tr[data-verdict]')) {
    delete row.dataset.verdict;
    for (const name of ['verdict', 'got', 'comment']) row.querySelector(`.${name}`).textContent = '';
  }
  document.getElementById('outcome').textContent = '';
}
function save() {
  const cell = text => /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  const name = document.getElementById('student').value;
  const rows = [['quantity', 'answer'], ['student', name], ...asked.map(line => [line.id, field(line.id).value.replace(',', '.')])];
  const text = rows.map(row => row.map(cell).join(',')).join('\n') + '\n';
  const link = document.createElement('a');
  link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`;
  link.download = 'answers.csv';
  link.click();
}
document.getElementById('mark').addEventListener('click', showMarks);
document.getElementById('save').addEventListener('click', save);
document.getElementById('print').addEventListener('click', () => window.print());
for (const line of asked) {
  field(line.id).addEventListener('input', clearMarks);
  field(line.id).addEventListener('keydown', event => {
    if (event.key !== 'Enter') return;
    const next = asked[asked.indexOf(line) + 1];
    if (next) field(next.id).focus(); else showMarks();
  });
}
