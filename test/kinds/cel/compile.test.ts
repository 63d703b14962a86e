import { describe, expect, it } from "vitest";
import { admissionEnvironment } from "../../../kinds/cel/admission.js";
import { compileError, Environment, typeText } from "../../../kinds/cel/index.js";

const env = admissionEnvironment({ authorizer: true, patches: true });
const compile = (expression: string): string => {
  const result = env.compile(expression);
  return "error" in result ? result.error : typeText(result.type);
};

/** What may start an expression, as syntax errors list it. */
const EXPRESSION = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** Expressions and what cel-go 0.26 says about them in the environment of admission policies. */
const SYNTAX: [string, string][] = [
  ["", `ERROR: <input>:1:0: Syntax error: mismatched input '<EOF>' expecting ${EXPRESSION}`],
  ["object.x ==", `ERROR: <input>:1:12: Syntax error: mismatched input '<EOF>' expecting ${EXPRESSION}\n | object.x ==\n | ...........^`],
  ["1 1", "ERROR: <input>:1:3: Syntax error: extraneous input '1' expecting <EOF>\n | 1 1\n | ..^"],
  ["(1", "ERROR: <input>:1:3: Syntax error: missing ')' at '<EOF>'\n | (1\n | ..^"],
  ["this is not valid", "ERROR: <input>:1:6: Syntax error: mismatched input 'is' expecting <EOF>\n | this is not valid\n | .....^"],
  ["a.", "ERROR: <input>:1:3: Syntax error: no viable alternative at input '.'\n | a.\n | ..^"],
  ["1 + + 2", `ERROR: <input>:1:5: Syntax error: extraneous input '+' expecting ${EXPRESSION}\n | 1 + + 2\n | ....^`],
  ["&& 1", `ERROR: <input>:1:1: Syntax error: extraneous input '&&' expecting ${EXPRESSION}\n | && 1\n | ^`],
  [
    "'abc",
    `ERROR: <input>:1:1: Syntax error: token recognition error at: ''abc'\n | 'abc\n | ^\nERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting ${EXPRESSION}\n | 'abc\n | ....^`,
  ],
  ["a ? b", "ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting ':'\n | a ? b\n | .....^"],
  [
    "a = b",
    "ERROR: <input>:1:3: Syntax error: token recognition error at: '= '\n | a = b\n | ..^\nERROR: <input>:1:5: Syntax error: extraneous input 'b' expecting <EOF>\n | a = b\n | ....^",
  ],
  ["[1, 2", "ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting {']', ','}\n | [1, 2\n | .....^"],
  ["{1: 2", "ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting {'}', ','}\n | {1: 2\n | .....^"],
  ["f(1", "ERROR: <input>:1:4: Syntax error: missing ')' at '<EOF>'\n | f(1\n | ...^"],
  [
    "-+1",
    `ERROR: <input>:1:2: Syntax error: no viable alternative at input '-+'\n | -+1\n | .^\nERROR: <input>:1:2: Syntax error: extraneous input '+' expecting ${EXPRESSION}\n | -+1\n | .^`,
  ],
  ["a.true", "ERROR: <input>:1:3: Syntax error: mismatched input 'true' expecting IDENTIFIER\n | a.true\n | ..^"],
  ["Object{a b}", "ERROR: <input>:1:10: Syntax error: missing ':' at 'b'\n | Object{a b}\n | .........^"],
  [
    "x[",
    "ERROR: <input>:1:3: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | x[\n | ..^",
  ],
  [
    "'\\q'",
    `ERROR: <input>:1:1: Syntax error: token recognition error at: ''\\q'\n | '\\q'\n | ^\nERROR: <input>:1:4: Syntax error: token recognition error at: '''\n | '\\q'\n | ...^\nERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting ${EXPRESSION}\n | '\\q'\n | ....^`,
  ],
  ["a.`b`", "ERROR: <input>:1:3: unsupported syntax: '`'\n | a.`b`\n | ..^"],
  ["if", "ERROR: <input>:1:1: reserved identifier: if\n | if\n | ^"],
  ["9223372036854775808", "ERROR: <input>:1:1: invalid int literal\n | 9223372036854775808\n | ^"],
  ["1 +\n  2 2", "ERROR: <input>:2:5: Syntax error: extraneous input '2' expecting <EOF>\n |   2 2\n | ....^"],
  ["'é' ) x", "ERROR: <input>:1:5: Syntax error: mismatched input ')' expecting <EOF>\n | 'é' ) x\n | .．..^"],
  [")", `ERROR: <input>:1:1: Syntax error: mismatched input ')' expecting ${EXPRESSION}\n | )\n | ^`],
];
const MACROS: [string, string][] = [
  ["has(1)", "ERROR: <input>:1:5: invalid argument to has() macro\n | has(1)\n | ....^"],
  ["[1].all(1, true)", "ERROR: <input>:1:9: argument must be a simple name\n | [1].all(1, true)\n | ........^"],
  ["[1].map(a.b, 1)", "ERROR: <input>:1:10: argument is not an identifier\n | [1].map(a.b, 1)\n | .........^"],
  ["[1].all(a, a, true)", "ERROR: <input>:1:12: duplicate variable name: a\n | [1].all(a, a, true)\n | ...........^"],
  ["[1].exists(__result__, true)", "ERROR: <input>:1:12: iteration variable overwrites accumulator variable\n | [1].exists(__result__, true)\n | ...........^"],
  [
    "optional.of(1).optMap(1, 2)",
    "ERROR: <input>:1:23: optMap() variable name must be a simple identifier\n | optional.of(1).optMap(1, 2)\n | ......................^",
  ],
];
const TYPES: [string, string][] = [
  ["foo == 1", "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo == 1\n | ^"],
  ["request.nope", "ERROR: <input>:1:8: undefined field 'nope'\n | request.nope\n | .......^"],
  [
    "request.userInfo.username + 1",
    "ERROR: <input>:1:27: found no matching overload for '_+_' applied to '(string, int)'\n | request.userInfo.username + 1\n | ..........................^",
  ],
  ["object.a + request.name", "string"],
  ["1 + 'a'", "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a'\n | ..^"],
  [
    "true && 'a' || 1",
    "ERROR: <input>:1:9: expected type 'bool' but found 'string'\n | true && 'a' || 1\n | ........^\nERROR: <input>:1:16: expected type 'bool' but found 'int'\n | true && 'a' || 1\n | ...............^",
  ],
  ["size(1)", "ERROR: <input>:1:5: found no matching overload for 'size' applied to '(int)'\n | size(1)\n | ....^"],
  [
    "request.name.all(c, c == 'a')",
    "ERROR: <input>:1:8: expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic)\n | request.name.all(c, c == 'a')\n | .......^",
  ],
  [
    "namespaceObject.metadata.labels['a'].startsWith(1)",
    "ERROR: <input>:1:48: found no matching overload for 'startsWith' applied to 'string.(int)'\n | namespaceObject.metadata.labels['a'].startsWith(1)\n | ...............................................^",
  ],
  [
    "x.y.z(1)",
    "ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x.y.z(1)\n | ^\nERROR: <input>:1:6: undeclared reference to 'z' (in container '')\n | x.y.z(1)\n | .....^",
  ],
  ["quantity('1').value", "ERROR: <input>:1:14: unexpected failed resolution of 'kubernetes.Quantity'\n | quantity('1').value\n | .............^"],
  ["JSONPatch{nope: 1}", "ERROR: <input>:1:15: expected type of field 'nope' is '' but provided type is 'int'\n | JSONPatch{nope: 1}\n | ..............^"],
  ["JSONPatch{op: 1}", "ERROR: <input>:1:13: expected type of field 'op' is 'string' but provided type is 'int'\n | JSONPatch{op: 1}\n | ............^"],
  ["Nope{a: 1}", "ERROR: <input>:1:5: undeclared reference to 'Nope' (in container '')\n | Nope{a: 1}\n | ....^"],
  ["[1, 'a']", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^"],
  [
    "{'a': 1, 2: 'b'}",
    "ERROR: <input>:1:10: expected type 'string' but found 'int'\n | {'a': 1, 2: 'b'}\n | .........^\nERROR: <input>:1:13: expected type 'int' but found 'string'\n | {'a': 1, 2: 'b'}\n | ............^",
  ],
  ["duration('1')", "ERROR: <input>:1:10: invalid duration argument\n | duration('1')\n | .........^"],
  ["timestamp('x')", "ERROR: <input>:1:11: invalid timestamp argument\n | timestamp('x')\n | ..........^"],
  ["'a'.matches('(')", "ERROR: <input>:1:13: invalid matches argument\n | 'a'.matches('(')\n | ............^"],
  [
    "'%d %s'.format(['a'])",
    "ERROR: <input>:1:17: error during formatting: decimal clause can only be used on integers, was given string\n | '%d %s'.format(['a'])\n | ................^",
  ],
  ["'%d'.format([1, 2])", "ERROR: <input>:1:12: too many arguments supplied to string.format (expected 1, got 2)\n | '%d'.format([1, 2])\n | ...........^"],
  ["request.object", "ERROR: <input>:1:8: undefined field 'object'\n | request.object\n | .......^"],
  ["1 ? 2 : 3", "ERROR: <input>:1:3: found no matching overload for '_?_:_' applied to '(int, int, int)'\n | 1 ? 2 : 3\n | ..^"],
  ["[1].map(x, x + 'a')", "ERROR: <input>:1:14: found no matching overload for '_+_' applied to '(int, string)'\n | [1].map(x, x + 'a')\n | .............^"],
  ["timestamp == 1", "ERROR: <input>:1:11: found no matching overload for '_==_' applied to '(type(timestamp), int)'\n | timestamp == 1\n | ..........^"],
  ["[?request.name]", "ERROR: <input>:1:10: expected type 'optional_type(string)' but found 'string'\n | [?request.name]\n | .........^"],
  [
    "authorizer.group('').resource('pods').check('get').allowed() == 'yes'",
    "ERROR: <input>:1:62: found no matching overload for '_==_' applied to '(bool, string)'\n | authorizer.group('').resource('pods').check('get').allowed() == 'yes'\n | .............................................................^",
  ],
];
const FINE: [string, string][] = [
  ["object.spec.replicas <= 5", "bool"],
  ["has(object.metadata.labels) && 'a' in object.metadata.labels", "bool"],
  ["object.?spec.?x.orValue(1)", "dyn"],
  ["request.userInfo.groups", "list(string)"],
  ["{'a': 1}.transformMap(k, v, v + 1)", "map(string, int)"],
  ["[1].first()", "optional_type(int)"],
  ["optional.none()", "optional_type(dyn)"],
  ["[]", "list(dyn)"],
  ["type(1)", "type(int)"],
  ["timestamp", "type(google.protobuf.Timestamp)"],
  ["net.IP", "type(net.IP)"],
  ["optional_type", "type(optional_type)"],
  ["google.protobuf.Struct", "type(map(string, dyn))"],
  ["duration('1h')", "google.protobuf.Duration"],
  ["null", "null_type"],
  ["[3, 1].sortBy(e, -e)", "list(int)"],
  ["Object{spec: Object.spec{a: 1}}", "Object"],
  ["-1", "int"],
  ["- -1u", "uint"],
  ["b'a'", "bytes"],
  ["'a'.matches('^\\\\d+(?i)x$')", "bool"],
  ["cidr('10.0.0.0/8').ip()", "net.IP"],
  ["[1, 2].map(x, x > 1, string(x))", "list(string)"],
  ["true ? dyn(1) : 'a'", "dyn"],
  ["'%s'.format([[1, 'a']])", "string"],
  ["object.containers.all(i, c, c.name != '' && i > 0)", "bool"],
];

describe("#4.1 kinds: CEL expressions compile as cel-go compiles them", () => {
  it.each(SYNTAX)("syntax: %j", (expression, error) => expect(compile(expression)).toBe(error));
  it.each(MACROS)("macros: %j", (expression, error) => expect(compile(expression)).toBe(error));
  it.each(TYPES)("types: %j", (expression, error) => expect(compile(expression)).toBe(error));
  it.each(FINE)("type of %j", (expression, type) => expect(compile(expression)).toBe(type));

  it("says what type is wanted", () => {
    expect(compileError(env, "1", ["bool"])).toBe("must evaluate to bool but got int");
    expect(compileError(env, "1", ["bool", "string"])).toBe("must evaluate to one of [bool string] but got int");
    expect(compileError(env, "1", [])).toBeUndefined();
    expect(compileError(env, "1 == 1", ["bool"])).toBeUndefined();
  });

  it("has only what an environment declares", () => {
    const small = new Environment({
      variables: { device: "x.Device" },
      types: { "x.Device": { driver: "string", caps: "map(string, kubernetes.Quantity)" } },
      bind: true,
    });
    expect(compileError(small, "cel.bind(c, device.caps, c['a'].isGreaterThan(quantity('1')))", ["bool"])).toBeUndefined();
    expect(compileError(small, "device.nope", [])).toContain("undefined field 'nope'");
    expect(compileError(small, "object", [])).toContain("undeclared reference to 'object' (in container '')");
    expect(compileError(small, "jsonpatch.escapeKey('a')", [])).toContain("undeclared reference to 'jsonpatch'");
    expect(compile("cel.bind(x, 1, x)")).toContain("undeclared reference to 'bind'");
  });

  it("ends with anything, however deep, long or odd", () => {
    let seed = 7;
    const random = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    const parts = [
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      ".",
      ",",
      "?",
      ":",
      "a",
      "1",
      "'",
      '"',
      "\\",
      "\n",
      "`",
      "😀",
      " && ",
      "has(",
      ".map(x,",
      "Object{",
      "-",
      "!",
      "=",
      "if",
      "0x",
      "1e",
    ];
    for (let i = 0; i < 2000; i++) compile(Array.from({ length: 1 + random(12) }, () => parts[random(parts.length)]).join(""));
    for (const unit of ["(", "[", "{a:", "a.", "!", "-", "1+", "f(", "a?b:", "#", "'", "a[", "optional.of(1).optMap(x,"])
      expect(compile(unit.repeat(20_000))).toContain("ERROR: <input>:");
    expect(compile(`[0]${".map(x, x)".repeat(200)}`)).toBe("list(int)");
    expect(compile(`optional.of(1)${".optMap(x, x)".repeat(40)}`)).toBe("optional_type(int)");
  });
});
