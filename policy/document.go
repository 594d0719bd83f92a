package policy

import (
	"maps"
	"slices"
	"strings"
)

// A Document is a valid policy, ready to decide with. It does not change and may
// be used by many goroutines.
type Document struct {
	kind       Kind
	version    string
	id         string
	statements []statement
	index      index
}

// A Statement is what a decision says of a statement.
type Statement struct {
	// Index counts the statements of a document from 0.
	Index int
	Sid   string
	// Effect is what the statement does when it applies.
	Effect Effect
	// Start and End are the positions that AWS's simulator gives. Start is where the
	// token before the statement ends, or just inside a statement that is not in a
	// list; End is just behind the statement.
	Start, End Position
}

// A statement is a Statement, compiled.
type statement struct {
	Statement
	principals *principals // nil if the document has none
	actions    []actionPattern
	notAction  bool
	resources  []pattern // none if the document has none: it matches all
	not        bool      // the resources are those of NotResource
	conditions []condition
}

// Kind is the kind that the document was parsed as.
func (d *Document) Kind() Kind { return d.kind }

// Version is 2012-10-17 or 2008-10-17, which is what a document without one has.
func (d *Document) Version() string { return d.version }

// ID is the element Id, or empty.
func (d *Document) ID() string { return d.id }

// Statements lists the statements in the order of the text.
func (d *Document) Statements() []Statement {
	list := make([]Statement, len(d.statements))
	for i := range d.statements {
		list[i] = d.statements[i].Statement
	}
	return list
}

// ContextKeys lists the keys that the document's conditions and variables mention,
// each once, as it is first written, in the order of the statements; in a statement,
// those of its resources come first.
func (d *Document) ContextKeys() []string {
	var keys []string
	known := map[string]bool{}
	for i := range d.statements {
		d.statements[i].eachKey(func(key string) {
			if folded := strings.ToLower(key); !known[folded] {
				known[folded] = true
				keys = append(keys, key)
			}
		})
	}
	return keys
}

func (s *statement) eachKey(f func(string)) {
	eachVariable(s.resources, f)
	for i := range s.conditions {
		f(s.conditions[i].as.Key)
		eachVariable(testPatterns(s.conditions[i].test), f)
	}
}

func eachVariable(patterns []pattern, f func(string)) {
	for i := range patterns {
		for _, key := range patterns[i].keys {
			f(key)
		}
	}
}

// testPatterns returns the patterns of a test that may have variables.
func testPatterns(t test) []pattern {
	switch t := t.(type) {
	case likeTest:
		return t
	case foldTest:
		return t
	case boolTest:
		return t.values
	case *arnTest:
		return t.patterns
	}
	return nil
}

// AllowsService reports whether a statement allows some action of a service, such
// as "s3", on some resource under some conditions.
func (d *Document) AllowsService(service string) bool {
	service = lower(service)
	return slices.ContainsFunc(d.statements, func(s statement) bool {
		return s.Effect == Allow && s.concerns(service)
	})
}

// Services lists the services, in lower case, of which some statement that allows
// names an action, each once and in order. A statement may allow others with a
// wildcard or NotAction: see AllowsService.
func (d *Document) Services() []string {
	services := map[string]bool{}
	for i := range d.statements {
		s := &d.statements[i]
		if s.Effect == Deny || s.notAction {
			continue
		}
		for j := range s.actions {
			services[s.actions[j].service] = true
		}
	}
	delete(services, "*")
	return slices.Sorted(maps.Keys(services))
}

// concerns reports whether some action of the service matches.
func (s *statement) concerns(service string) bool {
	return s.notAction != slices.ContainsFunc(s.actions, func(a actionPattern) bool {
		if a.service != "*" && a.service != service {
			return false
		}
		return !s.notAction || len(a.name.parts) == 1 && a.name.parts[0].op == many
	})
}

func compile(s *source) *Document {
	d := &Document{kind: s.kind, version: s.version, id: s.id}
	d.statements = make([]statement, len(s.statements))
	for i := range s.statements {
		d.statements[i] = compileStatement(&s.statements[i], s.vars())
	}
	d.index = newIndex(d.statements)
	return d
}

func compileStatement(s *sourceStatement, variables bool) statement {
	c := statement{Statement: s.Statement, notAction: s.actions.not, not: s.resources.not}
	if s.principal != nil {
		c.principals = compilePrincipals(s.principal, s.notPrincipal)
	}
	for _, a := range s.actions.values {
		c.actions = append(c.actions, compileAction(a))
	}
	for _, r := range s.resources.values {
		c.resources = append(c.resources, compileResource(r, variables))
	}
	for _, k := range s.condition {
		c.conditions = append(c.conditions, compileCondition(k, variables))
	}
	return c
}
