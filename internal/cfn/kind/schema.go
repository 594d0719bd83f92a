package kind

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"sync"
)

// resources has what AWS's resource provider schemas, and its documentation, say of
// each type.
//
//go:embed resources.json
var resources []byte

// Schema is what is known of a type without asking anybody.
type Schema struct {
	Properties map[string]*Property
	Required   []string
	// AnyOf: at least one of these lists of properties must be there; nil for no such rule.
	AnyOf      [][]string
	Identifier []string `json:"primaryIdentifier"` // properties that say which one is meant, for import
	Attributes []string // of Fn::GetAtt
	Capability string   // that a template with the type takes; "" for none
	Named      string   // the property that makes it CAPABILITY_NAMED_IAM; "" for none
	Taggable   bool     // the stack's tags are passed on to it
	Secret     []string // those of the Attributes that nobody is shown
	Legacy     bool     // older than AWS's handlers, and words its failures otherwise
	SystemTags bool     // CloudFormation's own tags are, too
	Automatic  bool     // updated whenever its stack is: what it is made of may have changed elsewhere
}

// Update says what a change of a property does to its resource.
type Update string

// The Updates; a property that is not to be given is ReadOnly.
const (
	InPlace       Update = "inplace"
	Conditionally Update = "maybe"
	Replace       Update = "replace"
	ReadOnly      Update = "readonly"
)

// Property is one property, or a part of one.
type Property struct {
	Type       []string // string, integer, boolean, number, array, object; nil for any
	Update     Update   // "" for a part
	Items      *Property
	Properties map[string]*Property `json:"props"` // nil for any
	Required   []string
	Pattern    string
	Enum       []string
	MinLength  int
	MaxLength  int
	MinItems   int
	MaxItems   int
	Unique     bool `json:"uniqueItems"`
	Minimum    *float64
	Maximum    *float64
	Default    json.RawMessage
	WriteOnly  bool

	pattern func() *regexp.Regexp
}

// schemas are all there are, by type.
var schemas = sync.OnceValue(func() map[string]*Schema {
	all := map[string]*Schema{}
	if err := json.Unmarshal(resources, &all); err != nil {
		panic(err) // the file is built in
	}
	for _, s := range all {
		for _, p := range s.Properties {
			p.prepare()
		}
	}
	return all
})

func (p *Property) prepare() {
	if p.Pattern != "" {
		p.pattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(p.Pattern) })
	}
	if p.Items != nil {
		p.Items.prepare()
	}
	for _, part := range p.Properties {
		part.prepare()
	}
}
