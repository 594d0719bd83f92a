package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// model is a service model, as far as it is in models/.
type model struct {
	Version    string
	Metadata   metadata
	Operations map[string]operation
	Shapes     map[string]*shape
	Pagination map[string]pages
}

type metadata struct {
	APIVersion          string
	Auth                []string
	EndpointPrefix      string
	GlobalEndpoint      string
	JSONVersion         string
	Protocol            string
	Protocols           []string
	ServiceAbbreviation string
	ServiceFullName     string
	ServiceID           string
	SignatureVersion    string
	SigningName         string
	TargetPrefix        string
	UID                 string
	XMLNamespace        namespace
}

type operation struct {
	Name string
	HTTP struct {
		Method, RequestURI string
		ResponseCode       int
	}
	Input, Output *ref
	Errors        []ref
	Idempotent    bool
	Auth          []string
	AuthType      string
}

// ref names a shape, as a member, an element, an input, an output or an error.
type ref struct {
	Shape            string
	ResultWrapper    string
	IdempotencyToken bool
	Box              bool

	// Where REST has the member; of a member, or its name in XML, of an element.
	Location, LocationName  string
	Flattened, XMLAttribute bool
	XMLNamespace            namespace
	Streaming               bool
}

// namespace is that of XML. A service's is a string alone.
type namespace struct{ URI, Prefix string }

func (n *namespace) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		return json.Unmarshal(b, &n.URI)
	}
	type plain namespace
	return json.Unmarshal(b, (*plain)(n))
}

type shape struct {
	Type     string
	Members  map[string]ref
	Required []string
	Member   *ref // of a list
	Key      *ref // of a map
	Value    *ref

	// How REST has it.
	Payload         string // the member that is the body
	Flattened       bool
	LocationName    string
	TimestampFormat string

	Min, Max  *int64
	Pattern   string
	Enum      []string
	Sensitive bool
	Box       bool

	Exception bool
	Fault     bool
	Error     struct {
		Code           string
		HTTPStatusCode int
		SenderFault    bool
	}
}

// memberNames is the order of a structure's members. It is the alphabet's: AWS
// reports violations in that order, too.
func (s *shape) memberNames() []string { return sortedKeys(s.Members) }

func (s *shape) requires(member string) bool { return slices.Contains(s.Required, member) }

type pages struct {
	InputToken       oneOrMore `json:"input_token"`
	OutputToken      oneOrMore `json:"output_token"`
	LimitKey         string    `json:"limit_key"`
	MoreResults      string    `json:"more_results"`
	ResultKey        oneOrMore `json:"result_key"`
	NonAggregateKeys []string  `json:"non_aggregate_keys"`
}

// oneOrMore is a string or a list of them.
type oneOrMore []string

func (o *oneOrMore) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return json.Unmarshal(b, (*[]string)(o))
	}
	*o = make(oneOrMore, 1)
	return json.Unmarshal(b, &(*o)[0])
}

// readModel reads a model, refuses traits it has no field for and references
// that lead nowhere.
func readModel(file string) (*model, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	m := new(model)
	if err := dec.Decode(m); err != nil {
		return nil, err
	}
	return m, m.checkRefs()
}

// relax makes optional what optionalMembers lists.
func (m *model) relax(service string) error {
	for name, members := range optionalMembers {
		of, name, _ := strings.Cut(name, ".")
		if of != service {
			continue
		}
		s := m.Shapes[name]
		for _, member := range members {
			if s == nil || !s.requires(member) {
				return fmt.Errorf("%s.%s is not required as it is", name, member)
			}
			s.Required = slices.DeleteFunc(s.Required, func(r string) bool { return r == member })
		}
	}
	return nil
}

func (m *model) checkRefs() error {
	for _, name := range sortedKeys(m.Shapes) {
		s := m.Shapes[name]
		for _, r := range s.refs() {
			if m.Shapes[r.Shape] == nil {
				return fmt.Errorf("shape %s refers to %s, which is missing", name, r.Shape)
			}
		}
	}
	for _, name := range sortedKeys(m.Operations) {
		op := m.Operations[name]
		refs := slices.Clone(op.Errors)
		for _, r := range []*ref{op.Input, op.Output} {
			if r != nil {
				refs = append(refs, *r)
			}
		}
		for _, r := range refs {
			if s := m.Shapes[r.Shape]; s == nil || s.Type != "structure" {
				return fmt.Errorf("operation %s refers to %s, which is not a structure", name, r.Shape)
			}
		}
	}
	return nil
}

// refs lists the shapes that s is made of.
func (s *shape) refs() []ref {
	var list []ref
	for _, name := range s.memberNames() {
		list = append(list, s.Members[name])
	}
	for _, r := range []*ref{s.Member, s.Key, s.Value} {
		if r != nil {
			list = append(list, *r)
		}
	}
	return list
}

// reach adds to set the shapes that name is made of, itself included.
func (m *model) reach(set map[string]bool, name string) {
	if set[name] {
		return
	}
	set[name] = true
	for _, r := range m.Shapes[name].refs() {
		m.reach(set, r.Shape)
	}
}

// sensitive says whether a shape is secret, or a list or map of secrets.
func (m *model) sensitive(name string) bool {
	s := m.Shapes[name]
	switch s.Type {
	case "list":
		return s.Sensitive || m.sensitive(s.Member.Shape)
	case "map":
		return s.Sensitive || m.sensitive(s.Key.Shape) || m.sensitive(s.Value.Shape)
	}
	return s.Sensitive
}
