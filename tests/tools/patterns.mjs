// patterns.mjs [SEED [COUNT]]: print COUNT patterns of ECMA-262, mode u, generated from SEED, and what this
// engine says of each: a line of JSON, [pattern, [subject, ...], "10..."], a digit for each subject; or
// [pattern, null]: not a pattern. tests/unit/pattern.c holds runbox's own engine against such lines. Properties and
// characters are those that no release of Unicode from 14 on sees differently, and patterns are of ECMA-262 (2024):
// what later editions added is not made.
import vm from 'node:vm';

let state = BigInt(process.argv[2] ?? 1) * 0x9e3779b97f4a7c15n + 1n;
const count = Number(process.argv[3] ?? 4000);

function random(n) { // PCG
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  const x = Number(((state >> 18n) ^ state) >> 27n & 0xffffffffn);
  return x % n;
}
const one = (list) => list[random(list.length)];
const some = (most, make, glue = '') => Array.from({ length: random(most + 1) }, make).join(glue);

const chars = ['a', 'b', 'c', 'a', 'b', 'A', 'Z', '_', '0', '7', '-', ' ', '\n', '\r', '\t', '\v', '\f', '\0', '\b',
  '\u2028', '\u2029', '\u00a0', '\u3000', '\ufeff', '\u1680', '\u180e', '\u200a', '\u200b', '\u200d', '\u0085', '\u00e9', '\u00df',
  '\u0130', '\u03b1', '\u0416', '\u05d0', '\u0661', '\u0966', '\u3042', '\u4e2d', '\uac00', '\ufffd', '\uffff',
  '\u{1f4a9}', '\u{1f600}', '\u{10400}', '\u{20000}', '\u{10ffff}', '\u{e000}', '/', '.', '$', '^', '[', ']', '{', '}', '(', '|', '\\'];
const plain = ['a', 'b', 'c', 'A', '0', '-', ',', ':', '=', '!', '<', '>', ' ', '_', '\u00e9', '\u{1f4a9}', '\u2028', 'é'];
const properties = ['L', 'Lu', 'Ll', 'Letter', 'Uppercase_Letter', 'N', 'Nd', 'digit', 'P', 'punct', 'S', 'Z', 'Zs', 'Cc', 'cntrl', 'Co',
  'Cn', 'LC', 'Cased_Letter', 'M', 'gc=Lu', 'General_Category=Decimal_Number', 'sc=Grek', 'Script=Greek', 'Script=Cyrillic',
  'sc=Hebr', 'Script=Han', 'sc=Hira', 'scx=Hira', 'Script_Extensions=Deva', 'scx=Latn', 'sc=Latin', 'scx=Kana', 'Alphabetic', 'Alpha',
  'ASCII', 'Any', 'Assigned', 'ASCII_Hex_Digit', 'AHex', 'White_Space', 'space', 'Lowercase', 'Upper', 'ID_Start', 'XIDS',
  'Emoji', 'Emoji_Presentation', 'ExtPict', 'Noncharacter_Code_Point', 'Ideographic', 'Dash', 'Math', 'Pat_Syn', 'Pattern_White_Space',
  'Changes_When_NFKC_Casefolded', 'CWL', 'Default_Ignorable_Code_Point', 'Join_Control', 'Cased', 'Case_Ignorable'];
const unknown = ['Foo', 'WSpaces', 'lu', 'letter', 'Latin', 'Greek', 'Script', 'Script=', 'sc=latin', '', 'L&', 'Xan', 'gc=Any', 'Is_L', 'alpha', ' L', 'L_',
  'Script=Lu', 'ASCII=Y', 'Block=Basic_Latin', 'RGI_Emoji', 'Basic_Emoji', 'Other_Alphabetic', 'Grapheme_Link', 'Lu,Ll', '^Lu'];
// What is no pattern, or only nearly.
const foreign = ['(?i)', '(?i:', '(?>a)', 'a++', 'a*+', 'a?+', '(*FAIL)', '(*UTF8)', '(?R)', '(?1)', '(?&n)', '(?P<n>a)', '(?P=n)', '(?#x)', '(?|a|b)',
  '(?(1)a|b)', '[[:alpha:]]', '[:alpha:]', '\\A', '\\Z', '\\z', '\\G', '\\h', '\\R', '\\N', '\\X', '\\K', '\\Q', '\\E', '\\e', '\\a', '\\_', '\\-', '\\"', '\\ ',
  '\\é', '\\00', '\\01', '\\8', '\\9', '\\10', '\\c', '\\c1', '\\x1', '\\xg0', '\\u12', '\\u{110000}', '\\u{}', '\\u{ 1}', '\\k', '\\k<', '\\k<zz>', "\\k'n'", '{', '}', ']',
  'a{', 'a{,3}', 'a{2,1}', 'a{1', '{1}', '*', '+', '?', '^*', '$+', '\\b?', '(?=a)*', '(?!a){2}', '(?<=a)+', '(?<!a)?', '(?<1>a)', '(?<>a)', '(?<a', '(?<a b>c)',
  "(?'n'a)", '(?<n>a)(?<n>b)', '[b-a]', '[\\d-z]', '[a-\\w]', '[', '(', ')', '\\', '[\\', '[\\B]', '[\\1]', '[\\c]', '[\\k]', '[\\_]', '\\p', '\\p{', '\\pL', '\\P{^L}', '\\p{L',
  '(?', '(?:', '(?<', '(?a', '(?-i)', 'a**', 'a{1}{2}', 'a???', '(?:a|', '\\u{1F4A9', '\\p{}', '[\\p{Foo}]', '(?<$>a)\\k<\\u0024>', '(?<\\u{61}>a)\\k<a>', '(?<é>a)\\k<\\u00e9>',
  '(?<\\ud835\\udc00>a)\\k<\u{1d400}>', '(?<a\u200d>b)', '(?<\u200d>b)', '(?<a-b>c)', '(?<0a>c)', '(?<a\\u002d>c)', '[^]', '[]', '[^]]', '\\0', '\\c_'];

let groups, names, depth, exact;
const hex = (n, width) => n.toString(16).padStart(width, '0');

function escape(c) {
  const n = c.codePointAt(0);
  const ways = [() => `\\u{${hex(n, 1 + random(6))}}`];
  if (n < 256) ways.push(() => `\\x${hex(n, 2)}`);
  if (n < 65536) ways.push(() => `\\u${hex(n, 4)}`);
  else ways.push(() => `\\u${hex(c.charCodeAt(0), 4)}\\u${hex(c.charCodeAt(1), 4)}`);
  if (n === 0) ways.push(() => '\\0');
  if (n && n < 27) ways.push(() => '\\c' + String.fromCharCode(64 + n), () => '\\c' + String.fromCharCode(96 + n));
  const control = '\f\n\r\t\v'.indexOf(c);
  if (control >= 0) ways.push(() => '\\' + 'fnrtv'[control]);
  return one(ways)();
}
const literal = (c) => ('^$\\.*+?()[]{}|/'.includes(c) ? '\\' + c : random(4) ? c : escape(c));
const shorthand = () => one(['\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\s', '\\w',
  () => `\\${one(['p', 'P'])}{${random(40) ? one(properties) : one(unknown)}}`].map((x) => (typeof x === 'string' ? () => x : x)))();

function member() {
  const c = () => { const x = random(2) ? one(plain) : one(chars); return '\\]-^'.includes(x) ? '\\' + x : random(4) ? x : escape(x); };
  switch (random(6)) {
    case 0: return shorthand();
    case 1: case 2: {
      const a = one(chars), b = one(chars);
      const [lo, hi] = random(20) && a.codePointAt(0) > b.codePointAt(0) ? [b, a] : [a, b];
      return `${escape(lo)}-${escape(hi)}`;
    }
    case 3: return one(['\\b', '\\-', '-', 'a-c', '0-9', 'A-Za-z', '.', '*', '\\ud83d', '^']);
    default: return c();
  }
}
const set = () => `[${random(3) ? '' : '^'}${some(4, member)}]`;

function atom() {
  const r = random(exact ? 24 : 22);
  if (r < 6) return literal(random(3) ? one('aaabbc') : one(chars));
  if (r < 8) return '.';
  if (r < 10) return shorthand();
  if (r < 12) return set();
  if (r < 20 && depth > 0) {
    const inner = () => { depth--; const x = either(); depth++; return x; };
    if (random(3)) { groups++; return `(${inner()})`; }
    if (random(3)) return `(?:${inner()})`;
    const name = `n${names++}`;
    groups++;
    return `(?<${name}>${inner()})`;
  }
  if (r >= 22 && groups) return names && !random(4) ? `\\k<n${random(names)}>` : `\\${1 + random(groups + (random(30) ? 0 : 1))}`;
  return one('abc');
}
const quantifier = () => one(['*', '+', '?', '*', '+', '{2}', '{0}', '{0,1}', '{1,3}', '{2,}', '{0,2}', '{1}', '{3,3}', '{02,3}', '{0,}', '{1,99999999999999999999}']) + (random(3) ? '' : '?');

function item() {
  const r = random(40);
  if (r === 0) return '^';
  if (r === 1) return '$';
  if (r === 2) return '\\b';
  if (r === 3) return '\\B';
  if (r < 8 && depth > 0) {
    depth--;
    const x = `(?${one(['=', '!', '<=', '<!', '<='])}${either()})`;
    depth++;
    return x;
  }
  const a = atom();
  return random(5) < 2 ? a + quantifier() : a;
}
const sequence = () => Array.from({ length: random(12) ? 1 + random(3) : 0 }, item).join('');
const either = () => Array.from({ length: random(4) ? 1 : 2 + random(2) }, sequence).join('|');

function pattern() {
  groups = names = 0;
  depth = 1 + random(3);
  exact = random(2);
  let p = either();
  if (exact && groups && !random(3)) p += `\\${1 + random(groups + (random(30) ? 0 : 1))}`;
  if (!random(3)) p = '^' + p;
  if (!random(3)) p += '$';
  const r = random(24);
  if (r === 0) p = p.slice(0, random(p.length + 1)) + one(foreign) + (random(2) ? '' : 'b');
  else if (r === 1) p = one(foreign);
  else if (r === 2) { const at = random(p.length + 1); p = p.slice(0, at) + p.slice(at + 1); }
  return p.toWellFormed ? p.toWellFormed() : p.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
// Characters of the pattern itself are more likely to match than others.
function subject(p) {
  const own = [...p].filter((c) => !'\\()?*+|[]{}<>:=!'.includes(c));
  const most = random(8) ? 8 : 14;
  return some(most, () => (own.length && random(3) ? one(own) : random(3) ? one('aabbc') : one(chars)));
}

// What takes V8 longer than this is left out; runbox gives up by its budget.
const patience = 500;
const context = vm.createContext({ re: null, s: null });
const script = new vm.Script('re.test(s)');
let left = 0;

function test(re, s) {
  context.re = re;
  context.s = s;
  return script.runInContext(context, { timeout: patience });
}

// As ECMA-262's RegExpBuiltinExec does it: V8 on its own also begins in the midst of a surrogate pair.
function matches(re, s) {
  let at = 0;
  for (const c of [...s, '']) {
    re.lastIndex = at;
    if (test(re, s)) return 1;
    at += c.length;
  }
  return 0;
}

for (let i = 0; i < count; i++) {
  const p = pattern();
  let re = null;
  try { re = new RegExp(p, 'uy'); } catch (e) { if (!(e instanceof SyntaxError)) throw e; }
  if (!re) {
    console.log(JSON.stringify([p, null]));
    continue;
  }
  const subjects = [], results = [];
  for (const s of new Set(['', ...Array.from({ length: 7 }, () => subject(p))])) {
    try {
      results.push(matches(re, s));
      subjects.push(s);
    } catch (e) {
      if (e.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw e;
      left++;
    }
  }
  console.log(JSON.stringify([p, subjects, results.join('')]));
}
if (left) console.error(`${left} subjects left out: each took V8 longer than ${patience} ms`);
