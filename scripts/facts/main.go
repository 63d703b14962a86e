// Command facts prints what mockube needs to know about the shape of every served API type, as one JSON document.
//
// Two sources are joined: reflection over the Go structs (field order and the json, protobuf, patchStrategy and
// patchMergeKey tags) and the generated OpenAPI definitions (required, enum, format, default, list and map types).
// The shape of the output is kinds/schema/types.ts.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	discoveryv2 "k8s.io/api/apidiscovery/v2"
	discoveryv2beta1 "k8s.io/api/apidiscovery/v2beta1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1beta1 "k8s.io/apimachinery/pkg/apis/meta/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kubernetes/pkg/generated/openapi"
)

// Group versions a default server serves or accepts in bodies; the others' Go types are left out.
var served = map[string]bool{
	"v1": true, "apps/v1": true, "batch/v1": true, "autoscaling/v1": true, "autoscaling/v2": true, "policy/v1": true,
	"events.k8s.io/v1": true, "authentication.k8s.io/v1": true, "authorization.k8s.io/v1": true, "certificates.k8s.io/v1": true,
	"networking.k8s.io/v1": true, "rbac.authorization.k8s.io/v1": true, "storage.k8s.io/v1": true, "admissionregistration.k8s.io/v1": true,
	"scheduling.k8s.io/v1": true, "coordination.k8s.io/v1": true, "node.k8s.io/v1": true, "discovery.k8s.io/v1": true,
	"resource.k8s.io/v1": true, "flowcontrol.apiserver.k8s.io/v1": true, "apiextensions.k8s.io/v1": true, "apiregistration.k8s.io/v1": true,
	"admission.k8s.io/v1": true, "apidiscovery.k8s.io/v2": true, "apidiscovery.k8s.io/v2beta1": true, "meta.k8s.io/v1": true,
	// For the Eviction alone, which an old client may still send.
	"policy/v1beta1": true,
}

// Types whose JSON form is not that of their Go struct, by package path and name.
var specials = map[string]string{
	"k8s.io/apimachinery/pkg/apis/meta/v1.Time":                                             "Time",
	"k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":                                        "MicroTime",
	"k8s.io/apimachinery/pkg/apis/meta/v1.Duration":                                         "Duration",
	"k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":                                         "FieldsV1",
	"k8s.io/apimachinery/pkg/api/resource.Quantity":                                         "Quantity",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString":                                       "IntOrString",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":                                          "RawExtension",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON":                         "JSON",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool":        "JSONSchemaPropsOrBool",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray":       "JSONSchemaPropsOrArray",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray": "JSONSchemaPropsOrStringArray",
}

type object = map[string]any

type printer struct {
	definitions map[string]common.OpenAPIDefinition
	structs     map[string]object
	kinds       map[reflect.Type][]schema.GroupVersionKind
}

func warn(format string, args ...any) { fmt.Fprintf(os.Stderr, "facts: "+format+"\n", args...) }

func definitionName(t reflect.Type) string {
	if named, ok := reflect.New(t).Interface().(interface{ OpenAPIModelName() string }); ok {
		return named.OpenAPIModelName()
	}
	path := strings.Split(t.PkgPath(), "/")
	host := strings.Split(path[0], ".")
	for i, j := 0, len(host)-1; i < j; i, j = i+1, j-1 {
		host[i], host[j] = host[j], host[i]
	}
	return strings.Join(append(append(host, path[1:]...), t.Name()), ".")
}

// isMessage tells whether a type is a protobuf message of its own; of slices some are (metav1.Verbs) and most are not.
func isMessage(t reflect.Type) bool {
	_, ok := reflect.New(t).Interface().(interface{ MarshalToSizedBuffer([]byte) (int, error) })
	return ok
}

func protoName(t reflect.Type) string {
	return strings.ReplaceAll(t.PkgPath(), "/", ".") + "." + t.Name()
}

// typeRef renders a type and, as a side effect, every struct it leads to.
func (p *printer) typeRef(t reflect.Type) object {
	if t.Kind() == reflect.Pointer {
		ref := p.typeRef(t.Elem())
		ref["ptr"] = true
		return ref
	}
	if name, ok := specials[t.PkgPath()+"."+t.Name()]; ok {
		if strings.HasPrefix(name, "JSONSchemaProps") {
			p.add(reflect.TypeFor[apiextensionsv1.JSONSchemaProps]())
		}
		return object{"k": "special", "name": name}
	}
	named := func(ref object) object {
		if t.PkgPath() != "" {
			ref["go"] = t.String()
		}
		return ref
	}
	switch t.Kind() {
	case reflect.Struct:
		return object{"k": "struct", "name": p.add(t)}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return named(object{"k": "scalar", "name": "bytes"})
		}
		ref := named(object{"k": "list", "of": p.typeRef(t.Elem())})
		if t.Name() != "" && isMessage(t) {
			ref["message"] = true
		}
		return ref
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			warn("map key %s", t)
		}
		ref := named(object{"k": "map", "of": p.typeRef(t.Elem())})
		if t.Key().Name() != "string" && t.Name() == "" {
			ref["go"] = t.String()
		}
		return ref
	case reflect.Int:
		return named(object{"k": "scalar", "name": "int64"})
	case reflect.Interface: // cells of a Table
		return object{"k": "special", "name": "JSON"}
	default:
		return named(object{"k": "scalar", "name": t.Kind().String()})
	}
}

// inlining says through which embedded structs a field is reached.
type inlining struct {
	name    string
	path    []string
	proto   []int
	skipped bool // embedded without a number: the fields are in no protobuf message
}

func (p *printer) fields(t reflect.Type, from inlining, definition *spec.Schema) []object {
	out := []object{}
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if tag == "-" || !f.IsExported() {
			continue
		}
		options := strings.Split(tag, ",")
		number := 0
		wire := strings.Split(f.Tag.Get("protobuf"), ",")
		if len(wire) > 1 {
			number, _ = strconv.Atoi(wire[1])
		}
		if options[0] == "" && f.Anonymous {
			embedded := f.Type
			if embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
				warn("%s embeds a pointer to %s", t, embedded)
			}
			inner := inlining{
				name: definitionName(embedded), path: append(append([]string{}, from.path...), f.Name),
				proto: append(append([]int{}, from.proto...), number), skipped: from.skipped || number == 0,
			}
			out = append(out, p.fields(embedded, inner, definition)...)
			continue
		}
		if options[0] == "" {
			warn("%s.%s has no json name", t, f.Name)
			options[0] = f.Name
		}
		field := object{"name": options[0], "go": f.Name}
		ref := p.typeRef(f.Type)
		if ref["ptr"] == true {
			delete(ref, "ptr")
			field["pointer"] = true
		}
		field["type"] = ref
		for _, option := range options[1:] {
			switch option {
			case "omitempty", "omitzero":
				field[option] = true
			default:
				warn("%s.%s: json option %q", t, f.Name, option)
			}
		}
		if number != 0 && !from.skipped {
			field["proto"] = number
			if len(from.proto) > 0 {
				field["inlineProto"] = from.proto
			}
		}
		if from.name != "" {
			field["inlineOf"] = from.name
			if len(from.path) > 1 {
				field["inlineGo"] = from.path
			}
		}
		if s := f.Tag.Get("patchStrategy"); s != "" {
			field["patchStrategy"] = strings.Split(s, ",")
		}
		if s := f.Tag.Get("patchMergeKey"); s != "" {
			field["patchMergeKey"] = s
		}
		if definition != nil {
			declared(field, ref, definition, options[0])
		}
		out = append(out, field)
	}
	return out
}

// declared takes over what OpenAPI says about a field and the Go type does not.
func declared(field, ref object, definition *spec.Schema, name string) {
	for _, r := range definition.Required {
		if r == name {
			field["required"] = true
		}
	}
	prop, ok := definition.Properties[name]
	if !ok {
		warn("no OpenAPI property %s", name)
		return
	}
	if s, ok := prop.Extensions["x-kubernetes-list-type"]; ok {
		field["listType"] = s
	}
	if s, ok := prop.Extensions["x-kubernetes-list-map-keys"]; ok {
		field["listMapKeys"] = s
	}
	if s, ok := prop.Extensions["x-kubernetes-map-type"]; ok {
		field["mapType"] = s
	}
	for _, extension := range []string{"x-kubernetes-embedded-resource", "x-kubernetes-preserve-unknown-fields"} {
		if s, ok := prop.Extensions[extension]; ok {
			field[map[string]string{"x-kubernetes-embedded-resource": "embeddedResource", "x-kubernetes-preserve-unknown-fields": "preserveUnknown"}[extension]] = s
		}
	}
	if len(prop.Enum) > 0 {
		field["enum"] = prop.Enum
	}
	items := prop.Items
	if items != nil && items.Schema != nil && len(items.Schema.Enum) > 0 {
		field["itemEnum"] = items.Schema.Enum
	}
	implied := map[string]string{"int32": "int32", "int64": "int64", "bytes": "byte", "float64": "double"}
	if prop.Format != "" && prop.Format != implied[fmt.Sprint(ref["name"])] {
		field["format"] = prop.Format
	}
	if prop.Default != nil {
		// An empty object stands at every struct that is not a pointer: implied, so not printed.
		if m, ok := prop.Default.(map[string]any); ok && len(m) == 0 {
			if ref["k"] != "struct" || field["pointer"] != nil {
				if ref["k"] != "special" {
					warn("%s: default {} on %v", name, ref)
				}
				field["default"] = prop.Default
			}
		} else {
			field["default"] = prop.Default
		}
	}
}

func (p *printer) add(t reflect.Type) string {
	name := definitionName(t)
	if _, ok := p.structs[name]; ok {
		return name
	}
	out := object{"go": t.Name()}
	p.structs[name] = out // before the fields: types may lead back to themselves
	definition, ok := p.definitions[name]
	var declaredBy *spec.Schema
	if ok {
		declaredBy = &definition.Schema
		if s, ok := declaredBy.Extensions["x-kubernetes-map-type"]; ok {
			out["mapType"] = s
		}
		if s, ok := declaredBy.Extensions["x-kubernetes-unions"]; ok {
			out["unions"] = s
		}
	} else {
		warn("no OpenAPI definition of %s", name)
	}
	out["fields"] = p.fields(t, inlining{}, declaredBy)
	if isMessage(t) {
		out["proto"] = protoName(t)
	}
	if kinds := p.kinds[t]; len(kinds) > 0 {
		sort.Slice(kinds, func(i, j int) bool { return kinds[i].String() < kinds[j].String() })
		list := []object{}
		for _, k := range kinds {
			list = append(list, object{"group": k.Group, "version": k.Version, "kind": k.Kind})
		}
		out["gvk"] = list
	}
	return name
}

func main() {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		clientscheme.AddToScheme, apiextensionsv1.AddToScheme, apiregistrationv1.AddToScheme,
		admissionv1.AddToScheme, discoveryv2.AddToScheme, discoveryv2beta1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	p := &printer{
		definitions: openapi.GetOpenAPIDefinitions(func(path string) spec.Ref { return spec.MustCreateRef(path) }),
		structs:     map[string]object{},
		kinds:       map[reflect.Type][]schema.GroupVersionKind{},
	}
	for kind, t := range scheme.AllKnownTypes() {
		if !served[kind.GroupVersion().String()] || (kind.GroupVersion().String() == "policy/v1beta1" && kind.Kind != "Eviction") {
			continue
		}
		// Meta's own kinds are registered in every group; the query options among them are never bodies.
		if t.PkgPath() == "k8s.io/apimachinery/pkg/apis/meta/v1" && strings.HasSuffix(t.Name(), "Options") && t.Name() != "DeleteOptions" {
			continue
		}
		p.kinds[t] = append(p.kinds[t], kind)
	}
	roots := []reflect.Type{
		reflect.TypeFor[metav1.ObjectMeta](), reflect.TypeFor[metav1.ListMeta](), reflect.TypeFor[metav1.TypeMeta](), reflect.TypeFor[metav1.Status](),
		reflect.TypeFor[metav1.Table](), reflect.TypeFor[metav1.TableOptions](), reflect.TypeFor[metav1.PartialObjectMetadata](),
		reflect.TypeFor[metav1.PartialObjectMetadataList](), reflect.TypeFor[metav1beta1.PartialObjectMetadataList](),
		reflect.TypeFor[metav1.APIResourceList](), reflect.TypeFor[metav1.APIGroupList](), reflect.TypeFor[metav1.APIVersions](),
		reflect.TypeFor[metav1.List](), reflect.TypeFor[metav1.LabelSelector](), reflect.TypeFor[metav1.Condition](), reflect.TypeFor[version.Info](),
	}
	for t := range p.kinds {
		roots = append(roots, t)
	}
	for _, t := range roots {
		if t.Kind() == reflect.Struct {
			p.add(t)
		} else {
			warn("not a struct: %s", t)
		}
	}
	release := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "k8s.io/kubernetes" {
				release = dep.Version
			}
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object{"version": release, "structs": p.structs}); err != nil {
		panic(err)
	}
	os.Stdout.Write(out.Bytes())
	warn("%d structs", len(p.structs))
}
