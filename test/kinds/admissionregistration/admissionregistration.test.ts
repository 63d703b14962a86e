import { describe, expect, it } from "vitest";
import { mutatingAdmissionPolicy } from "../../../kinds/admissionregistration/mutatingadmissionpolicy/index.js";
import { mutatingAdmissionPolicyBinding } from "../../../kinds/admissionregistration/mutatingadmissionpolicybinding/index.js";
import { mutatingWebhookConfiguration } from "../../../kinds/admissionregistration/mutatingwebhookconfiguration/index.js";
import { validatingAdmissionPolicy } from "../../../kinds/admissionregistration/validatingadmissionpolicy/index.js";
import { validatingAdmissionPolicyBinding } from "../../../kinds/admissionregistration/validatingadmissionpolicybinding/index.js";
import { validatingWebhookConfiguration } from "../../../kinds/admissionregistration/validatingwebhookconfiguration/index.js";
import { jsonPathError } from "../../../kinds/validation/jsonpath.js";
import { prepareForUpdate } from "../../../server/pipeline/strategy.js";
import { cells, made, onCreate, onUpdate } from "../support.js";

const RULE = { apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"] };
const HOOK = { name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: { service: { name: "a", namespace: "b" } } };
const POLICY = { spec: { matchConstraints: { resourceRules: [RULE] }, validations: [{ expression: "true" }] } };

describe("#4.1 webhook configurations", () => {
  it("have defaults for what a webhook leaves out", () => {
    const defaults = { failurePolicy: "Fail", matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10 };
    const clientConfig = { service: { name: "a", namespace: "b", port: 443 } };
    const config = { webhooks: [{ ...HOOK, rules: [RULE] }] };
    const rules = [{ ...RULE, scope: "*" }];
    expect(made(validatingWebhookConfiguration, config).webhooks).toEqual([{ ...HOOK, ...defaults, clientConfig, rules }]);
    expect(made(mutatingWebhookConfiguration, config).webhooks).toEqual([{ ...HOOK, ...defaults, clientConfig, rules, reinvocationPolicy: "Never" }]);
  });

  it.each([
    [{}, []],
    [{ webhooks: [{ name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: { url: "https://h/x" } }] }, []],
    [
      { webhooks: [{}] },
      [
        "webhooks[0].name: Required value",
        "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun",
        "webhooks[0].clientConfig: Required value: exactly one of url or service is required",
        "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1",
      ],
    ],
    [
      {
        webhooks: [
          {
            name: "a.b",
            sideEffects: "Some",
            admissionReviewVersions: ["v1"],
            clientConfig: { url: "https://h/x" },
            failurePolicy: "X",
            matchPolicy: "Y",
            timeoutSeconds: 31,
          },
        ],
      },
      [
        'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
        'webhooks[0].failurePolicy: Unsupported value: "X": supported values: "Fail", "Ignore"',
        'webhooks[0].matchPolicy: Unsupported value: "Y": supported values: "Equivalent", "Exact"',
        'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
        "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds",
      ],
    ],
    [
      {
        webhooks: [
          { name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: { url: "https://h/x" } },
          { name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: { url: "https://h/x" } },
        ],
      },
      ['webhooks[1].name: Duplicate value: "a.example.com"'],
    ],
    [
      { webhooks: [{ name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v2", "v2"], clientConfig: { url: "https://h/x" } }] },
      [
        'webhooks[0].admissionReviewVersions[1]: Invalid value: "v2": duplicate version',
        'webhooks[0].admissionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1',
      ],
    ],
    [
      { webhooks: [{ name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: {} }] },
      ["webhooks[0].clientConfig: Required value: exactly one of url or service is required"],
    ],
    [
      { webhooks: [{ name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: { url: "http://u@/x?q#f" } }] },
      [
        "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
        'webhooks[0].clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]',
        'webhooks[0].clientConfig.url: Invalid value: "u": user information is not permitted in the URL',
        'webhooks[0].clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
        'webhooks[0].clientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
      ],
    ],
    [
      { webhooks: [{ name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: { url: "://x" } }] },
      ['webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "://x": missing protocol scheme; desired format: https://host[/path]'],
    ],
    [
      { webhooks: [{ name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: { url: "https://h:p/" } }] },
      [
        'webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "https://h:p/": invalid port ":p" after host; desired format: https://host[/path]',
      ],
    ],
    [
      {
        webhooks: [
          { name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: { service: { name: "a", port: 70000, path: "x//Y" } } },
        ],
      },
      [
        "webhooks[0].clientConfig.service.name: Required value",
        "webhooks[0].clientConfig.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive",
        "webhooks[0].clientConfig.service.path: Invalid value: \"x//Y\": must start with a '/'",
        'webhooks[0].clientConfig.service.path: Invalid value: "x//Y": segment[0] may not be empty',
        'webhooks[0].clientConfig.service.path: Invalid value: "x//Y": segment[1] may not be empty',
        "webhooks[0].clientConfig.service.path: Invalid value: \"x//Y\": segment[2]: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
    [
      {
        webhooks: [
          {
            name: "a.example.com",
            sideEffects: "None",
            admissionReviewVersions: ["v1"],
            clientConfig: { url: "https://h/x" },
            objectSelector: { matchExpressions: [{ key: "a", operator: "In" }] },
          },
        ],
      },
      ["webhooks[0].objectSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
    ],
    [
      { webhooks: [{ name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: { url: "https://h/x" }, rules: [{}] }] },
      [
        "webhooks[0].rules[0].operations: Required value",
        "webhooks[0].rules[0].apiGroups: Required value",
        "webhooks[0].rules[0].apiVersions: Required value",
        "webhooks[0].rules[0].resources: Required value",
      ],
    ],
    [
      {
        webhooks: [
          {
            name: "a.example.com",
            sideEffects: "None",
            admissionReviewVersions: ["v1"],
            clientConfig: { url: "https://h/x" },
            rules: [{ operations: ["*", "X"], apiGroups: ["*", "a"], apiVersions: ["*", ""], resources: ["y/*", "y/z", "*/z", "*", "w"], scope: "X" }],
          },
        ],
      },
      [
        'webhooks[0].rules[0].operations: Invalid value: ["*","X"]: if \'*\' is present, must not specify other operations',
        'webhooks[0].rules[0].operations[1]: Unsupported value: "X": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
        'webhooks[0].rules[0].apiGroups: Invalid value: ["*","a"]: if \'*\' is present, must not specify other API groups',
        'webhooks[0].rules[0].apiVersions: Invalid value: ["*",""]: if \'*\' is present, must not specify other API versions',
        "webhooks[0].rules[0].apiVersions[1]: Required value",
        "webhooks[0].rules[0].resources[1]: Invalid value: \"y/z\": if 'y/*' is present, must not specify y/z",
        'webhooks[0].rules[0].resources: Invalid value: ["y/*","y/z","*/z","*","w"]: if \'*\' is present, must not specify other resources without subresources',
        'webhooks[0].rules[0].scope: Unsupported value: "X": supported values: "*", "Cluster", "Namespaced"',
      ],
    ],
    [
      {
        webhooks: [
          {
            name: "a.example.com",
            sideEffects: "None",
            admissionReviewVersions: ["v1"],
            clientConfig: { url: "https://h/x" },
            matchConditions: [{ name: "a", expression: "1" }, { name: "a", expression: " params.x " }, {}],
          },
        ],
      },
      [
        'webhooks[0].matchConditions[0].expression: Invalid value: "1": must evaluate to bool but got int',
        "webhooks[0].matchConditions[1].expression: Invalid value: \"params.x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x\n | ^",
        'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
        "webhooks[0].matchConditions[2].expression: Required value",
        "webhooks[0].matchConditions[2].name: Required value",
      ],
    ],
  ])("judge %j", (fields, expected) => {
    expect(onCreate(validatingWebhookConfiguration, fields)).toEqual(expected);
    expect(onCreate(mutatingWebhookConfiguration, fields)).toEqual(expected);
  });

  it("keep what was stored before the rule", () => {
    const old = {
      webhooks: [{ ...HOOK, name: "b.c.d", sideEffects: "Some", admissionReviewVersions: ["v9"], matchConditions: [{ name: "a", expression: "1" }] }],
    };
    expect(onUpdate(validatingWebhookConfiguration, old, old)).toEqual([]);
    expect(onUpdate(validatingWebhookConfiguration, { webhooks: [HOOK] }, old)).toHaveLength(3);
  });

  it("count their changes", () => {
    const generation = (webhooks: object[]): number | undefined => {
      const object = made(mutatingWebhookConfiguration, { webhooks });
      const old = made(mutatingWebhookConfiguration, { webhooks: [HOOK] }, { generation: 1 });
      prepareForUpdate(mutatingWebhookConfiguration, "", object, old, { now: 0, user: "" });
      return object.metadata.generation;
    };
    expect(generation([])).toBe(2);
    expect(generation([HOOK])).toBe(1);
    expect(cells(validatingWebhookConfiguration, { webhooks: [HOOK] }).slice(0, 2)).toEqual(["x", 1]);
  });
});

describe("#4.1 validating admission policies", () => {
  it.each([
    [
      {},
      [
        "spec.matchConstraints: Required value",
        "spec.validations: Required value: validations or auditAnnotations must contain at least one item",
        "spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item",
      ],
    ],
    [
      {
        spec: {
          matchConstraints: { resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"] }] },
          validations: [{ expression: "true" }],
        },
      },
      [],
    ],
    [
      { spec: { matchConstraints: {}, validations: [{ expression: "true" }], failurePolicy: "X", paramKind: { apiVersion: "a/b/c", kind: "_" } } },
      [
        'spec.failurePolicy: Unsupported value: "X": supported values: "Fail", "Ignore"',
        'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        "spec.paramKind.kind: Invalid value: \"_\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
        "spec.matchConstraints.resourceRules: Required value",
      ],
    ],
    [
      {
        spec: {
          matchConstraints: {
            resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"], resourceNames: ["a/b", "c", "c"] }],
          },
          validations: [{ expression: "true" }],
        },
      },
      [
        "spec.matchConstraints.resourceRules[0].resourceNames[0]: Invalid value: \"a/b\": may not contain '/'",
        'spec.matchConstraints.resourceRules[0].resourceNames[2]: Duplicate value: "c"',
      ],
    ],
    [
      {
        spec: {
          matchConstraints: { resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"] }] },
          validations: [
            {},
            { expression: "object.x ==" },
            { expression: "1", message: " ", messageExpression: " ", reason: "X" },
            { expression: "true", message: "a\nb", messageExpression: "1" },
          ],
        },
      },
      [
        "spec.validations[0].expression: Required value: expression is not specified",
        "spec.validations[1].expression: Invalid value: \"object.x ==\": compilation failed: ERROR: <input>:1:12: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | object.x ==\n | ...........^",
        'spec.validations[2].expression: Invalid value: "1": must evaluate to bool but got int',
        'spec.validations[2].messageExpression: Invalid value: " ": must be non-empty if specified',
        'spec.validations[2].message: Invalid value: " ": must be non-empty if specified',
        'spec.validations[2].reason: Unsupported value: "X": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
        'spec.validations[3].messageExpression: Invalid value: "1": must evaluate to string but got int',
        'spec.validations[3].message: Invalid value: "a\\nb": must not contain line breaks',
      ],
    ],
    [
      {
        spec: {
          matchConstraints: { resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"] }] },
          validations: [{ expression: "variables.a == 1" }],
        },
      },
      [
        "spec.validations[0].expression: Invalid value: \"variables.a == 1\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'variables' (in container '')\n | variables.a == 1\n | ^",
      ],
    ],
    [
      {
        spec: {
          matchConstraints: { resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"] }] },
          validations: [{ expression: "variables.a[0] == 'x'" }, { expression: "variables.b.anything" }, { expression: "variables.c" }],
          variables: [
            { name: "if", expression: "1" },
            { name: "a", expression: "[1]" },
            { name: "b", expression: "variables.a + 'x'" },
          ],
        },
      },
      [
        'spec.variables[0].name: Invalid value: "if": must be a valid CEL identifier',
        "spec.variables[2].expression: Invalid value: \"variables.a + 'x'\": compilation failed: ERROR: <input>:1:13: found no matching overload for '_+_' applied to '(list(int), string)'\n | variables.a + 'x'\n | ............^",
        "spec.validations[0].expression: Invalid value: \"variables.a[0] == 'x'\": compilation failed: ERROR: <input>:1:16: found no matching overload for '_==_' applied to '(int, string)'\n | variables.a[0] == 'x'\n | ...............^",
        'spec.validations[1].expression: Invalid value: "variables.b.anything": must evaluate to bool but got dyn',
        "spec.validations[2].expression: Invalid value: \"variables.c\": compilation failed: ERROR: <input>:1:10: undefined field 'c'\n | variables.c\n | .........^",
      ],
    ],
    [
      {
        spec: {
          matchConstraints: { resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"] }] },
          validations: [{ expression: "true" }],
          auditAnnotations: [
            { key: "a", valueExpression: "1" },
            { key: "a", valueExpression: "null" },
            { key: "B!", valueExpression: " " },
          ],
        },
      },
      [
        'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int',
        'spec.auditAnnotations[1].key: Duplicate value: "a"',
        "spec.auditAnnotations[2].key: Invalid value: \"x/B!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        "spec.auditAnnotations[2].valueExpression: Required value: valueExpression is not specified",
      ],
    ],
    [
      {
        spec: {
          matchConstraints: { resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"] }] },
          validations: [{ expression: "true" }],
          matchConditions: [{ name: "a", expression: "params.x" }],
        },
      },
      [
        "spec.matchConditions[0].expression: Invalid value: \"params.x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x\n | ^",
      ],
    ],
    [
      {
        spec: {
          matchConstraints: { resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"] }] },
          validations: [{ expression: "params.x == 1", messageExpression: "authorizer.path('a')" }],
          paramKind: { apiVersion: "v1", kind: "ConfigMap" },
          matchConditions: [{ name: "a", expression: "params.x" }],
        },
      },
      [
        'spec.matchConditions[0].expression: Invalid value: "params.x": must evaluate to bool but got dyn',
        "spec.validations[0].messageExpression: Invalid value: \"authorizer.path('a')\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'authorizer' (in container '')\n | authorizer.path('a')\n | ^",
      ],
    ],
  ])("judge %j", (fields, expected) => {
    expect(onCreate(validatingAdmissionPolicy, fields)).toEqual(expected);
  });

  it("look at conditions again only when they or their parameters change", () => {
    const bad = { spec: { ...POLICY.spec, matchConditions: [{ name: "a", expression: "params.x" }] } };
    expect(onUpdate(validatingAdmissionPolicy, bad, bad)).toEqual([]);
    expect(onUpdate(validatingAdmissionPolicy, POLICY, bad)).toHaveLength(1);
  });

  it("show how many validations there are, and for what parameters", () => {
    expect(cells(validatingAdmissionPolicy, POLICY).slice(1, 3)).toEqual([1, "<unset>"]);
    expect(cells(validatingAdmissionPolicy, { spec: { ...POLICY.spec, paramKind: { apiVersion: "v1", kind: "ConfigMap" } } })[2]).toBe("v1/ConfigMap");
  });

  it("warn of names that are not for the API", () => {
    expect(validatingAdmissionPolicy.warnings?.({ metadata: { name: "a.static.k8s.io" } })).toEqual([
      'metadata.name: names ending with ".static.k8s.io" are reserved for static manifest-based configurations and cannot be managed via the API',
    ]);
  });

  it("have statuses whose references are JSONPath", () => {
    const status = validatingAdmissionPolicy.status as Exclude<typeof validatingAdmissionPolicy.status, true | undefined>;
    const judge = (fieldRef: string): string[] =>
      status
        .validateUpdate({ metadata: {}, status: { typeChecking: { expressionWarnings: [{ fieldRef, warning: "w" }] } } }, { metadata: {} })
        .map((e) => e.message);
    expect(judge("spec.validations[0].expression")).toEqual([]);
    expect(judge("")).toEqual(["Required value"]);
    expect(judge("spec[a")).toEqual(['Invalid value: "spec[a": invalid JSONPath: unterminated array']);
  });

  it.each([
    ["{.a.b[0]['c'].d[*]..e[1:2]}", undefined],
    ["{.items[?(@.a=='b')].c}", undefined],
    ["{.a", "unclosed action"],
    ["{.a[}", "unterminated array"],
    ["{.a[x]}", "invalid array index x"],
    ["{.a[?(@.b]}", "unterminated filter"],
    ["{.a.. ..b}", "invalid multiple recursive descent"],
    ["{!}", "unrecognized character in action: U+0021 '!'"],
  ])("JSONPath %s", (path, error) => expect(jsonPathError(path)).toBe(error));
});

describe("#4.1 mutating admission policies", () => {
  it.each([
    [
      {},
      [
        "spec.matchConstraints: Required value",
        "spec.mutations: Required value: mutations must contain at least one item",
        "spec.reinvocationPolicy: Required value",
      ],
    ],
    [
      {
        spec: {
          matchConstraints: { resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"] }] },
          reinvocationPolicy: "Never",
          mutations: [
            { patchType: "JSONPatch", jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/' + jsonpatch.escapeKey('a'), value: 1}]" } },
            { patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{spec: Object.spec{a: 1}}" } },
          ],
        },
      },
      [],
    ],
    [
      {
        spec: {
          matchConstraints: { resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["DELETE"] }] },
          reinvocationPolicy: "Never",
          mutations: [
            {},
            { patchType: "X" },
            { patchType: "JSONPatch", applyConfiguration: {} },
            { patchType: "JSONPatch", jsonPatch: { expression: "[JSONPatch{nope: 1}]" } },
            { patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object.spec{}" } },
          ],
        },
      },
      [
        'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
        "spec.mutations[0].patchType: Required value",
        'spec.mutations[1].patchType: Unsupported value: "X": supported values: "ApplyConfiguration", "JSONPatch"',
        "spec.mutations[2].jsonPatch: Required value: must be specified when patchType is JSONPatch",
        'spec.mutations[2].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
        "spec.mutations[3].jsonPatch.expression: Invalid value: \"[JSONPatch{nope: 1}]\": compilation failed: ERROR: <input>:1:16: expected type of field 'nope' is '' but provided type is 'int'\n | [JSONPatch{nope: 1}]\n | ...............^",
        'spec.mutations[4].applyConfiguration.expression: Invalid value: "Object.spec{}": must evaluate to Object but got Object.spec',
      ],
    ],
  ])("judge %j", (fields, expected) => {
    expect(onCreate(mutatingAdmissionPolicy, fields)).toEqual(expected);
  });
});

describe("#4.1 bindings of admission policies", () => {
  it.each([
    [{}, ["spec.policyName: Required value", "spec.validationActions: Required value: at least one validation action is required"]],
    [
      { spec: { policyName: "Bad_", validationActions: ["X", "Deny", "Warn", "Deny"] } },
      [
        "spec.policyName: Invalid value: \"Bad_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        'spec.validationActions[0]: Unsupported value: "X": supported values: "Audit", "Deny", "Warn"',
        'spec.validationActions[3]: Duplicate value: "Deny"',
        'spec.validationActions: Invalid value: ["X","Deny","Warn","Deny"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ],
    ],
    [
      { spec: { policyName: "a", validationActions: ["Audit"], matchResources: { matchPolicy: "X" } } },
      ['spec.matchResources.matchPolicy: Unsupported value: "X": supported values: "Equivalent", "Exact"'],
    ],
    [
      { spec: { policyName: "a", validationActions: ["Deny"], paramRef: {} } },
      ["spec.paramRef: Required value: one of name or selector must be specified", "spec.paramRef.parameterNotFoundAction: Required value"],
    ],
    [
      { spec: { policyName: "a", validationActions: ["Deny"], paramRef: { name: "a/b", selector: {}, parameterNotFoundAction: "X" } } },
      [
        "spec.paramRef.name: Invalid value: \"a/b\": may not contain '/'",
        "spec.paramRef.name: Forbidden: name and selector are mutually exclusive",
        "spec.paramRef.selector: Forbidden: name and selector are mutually exclusive",
        'spec.paramRef.parameterNotFoundAction: Unsupported value: "X": supported values: "Deny", "Allow"',
      ],
    ],
    [{ spec: { policyName: "a", validationActions: ["Deny"], paramRef: { selector: { matchLabels: { a: "b" } }, parameterNotFoundAction: "Deny" } } }, []],
  ])("judge %j", (fields, expected) => {
    expect(onCreate(validatingAdmissionPolicyBinding, fields)).toEqual(expected);
  });
  it.each([
    [{}, ["spec.policyName: Required value"]],
    [
      { spec: { policyName: "a", matchResources: { resourceRules: [{ apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["DELETE"] }] } } },
      ['spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"'],
    ],
  ])("that mutate judge %j", (fields, expected) => {
    expect(onCreate(mutatingAdmissionPolicyBinding, fields)).toEqual(expected);
  });

  it("show where the parameters are", () => {
    const shown = (paramRef: object): unknown => cells(mutatingAdmissionPolicyBinding, { spec: { policyName: "p", paramRef } })[2];
    expect(shown({ name: "a" })).toBe("*/a");
    expect(shown({ name: "a", namespace: "n" })).toBe("n/a");
    expect(shown({ selector: { matchLabels: { b: "2", a: "1" }, matchExpressions: [{ key: "k", operator: "In", values: ["x", "y"] }] } })).toBe(
      "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}",
    );
  });
});
