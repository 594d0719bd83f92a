// Package template is CloudFormation's template language: it reads templates, checks them
// and the values of their parameters, runs AWS's own macros and evaluates functions. It is
// pure, says AWS's words when something is wrong, and bounds all that it makes.
//
// A template goes through Parse, then Expand when it has macros, then Bind with the values
// of its parameters. What Bind gives resolves properties as resources come to exist.
package template

import "github.com/iamd-project/iamd/internal/cfn/tree"

// Template is a template that has passed the checks that need no values of parameters. When
// it still has macros, which can change anything, only Description, Transforms, Parameters
// and Metadata are set, until Expand has run them.
type Template struct {
	Description string
	Metadata    *tree.Node
	Transforms  []Transform
	Parameters  []*Parameter
	Mappings    []Mapping
	Conditions  []Condition
	Rules       []Rule
	Resources   []*Resource
	Outputs     []*Output

	root       *tree.Node
	extended   bool // AWS::LanguageExtensions was run over it
	parameters map[string]*Parameter
	mappings   map[string]*tree.Node
	conditions map[string]*tree.Node
	resources  map[string]*Resource
}

// Transform is a macro that a template asks for, at its top or inside.
type Transform struct {
	Name       string
	Parameters *tree.Node // nil for none
}

// Mapping is a map of maps, which Fn::FindInMap looks into.
type Mapping struct {
	Name  string
	Value *tree.Node
}

// Condition is a named condition.
type Condition struct {
	Name       string
	Expression *tree.Node
}

// Rule is what the values of parameters must keep to, when its condition holds.
type Rule struct {
	Name       string
	Condition  *tree.Node // nil: always
	Assertions []Assertion
}

// Assertion is one thing that a Rule demands.
type Assertion struct {
	Assert      *tree.Node
	Description string
}

// Resource is a resource as the template has it, functions and all.
type Resource struct {
	LogicalID, Type                        string
	Properties                             *tree.Node // nil for none
	DependsOn                              []string
	Condition                              string     // "" for none
	DeletionPolicy, UpdateReplacePolicy    *tree.Node // a String once macros have run; nil for none
	Metadata, CreationPolicy, UpdatePolicy *tree.Node
	Line, Column                           int // of its name
}

// Output is an output as the template has it.
type Output struct {
	Name, Description, Condition string
	Value                        *tree.Node
	Export                       *tree.Node // the value of Export's Name; nil for none
}

// Text is the template as JSON: what GetTemplate shows of a processed one.
func (t *Template) Text() string { return t.root.JSON() }

// Resource is the resource with a logical id, or nil.
func (t *Template) Resource(id string) *Resource { return t.resources[id] }

// Parameter is the parameter of a name, or nil.
func (t *Template) Parameter(name string) *Parameter { return t.parameters[name] }
