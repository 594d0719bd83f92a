package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/store"
)

// state is what is known of an incarnation: a directory.StackState, read.
type state struct {
	literal    *tree.Node // properties, dynamic references as they are written
	properties *tree.Node // as the handlers get them
	masked     *tree.Node // as people may see them
	attrs      map[string]string
	tags       []directory.Tag
	metadata   *tree.Node
}

// state reads the state of an incarnation; nil for none.
func (w *work) state(r store.Reader, of *directory.Incarnation) (*state, error) {
	if of == nil {
		return nil, nil
	}
	rec, err := w.s.GetState(r, w.e.Keyring(), of)
	if err != nil {
		return nil, err
	}
	return readState(rec)
}

func readState(rec *directory.StackState) (_ *state, err error) {
	s := &state{attrs: rec.Attrs, tags: rec.Tags}
	for text, into := range map[*string]**tree.Node{
		&rec.Literal: &s.literal, &rec.Properties: &s.properties, &rec.Masked: &s.masked, &rec.Metadata: &s.metadata,
	} {
		if *text == "" {
			continue
		}
		if *into, err = tree.FromJSON([]byte(*text)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// incarnate writes a state down, and returns the incarnation that has it.
func (w *work) incarnate(typ, physical string, s *state) *directory.Incarnation {
	w.s.States++
	n := w.s.States
	rec := &directory.StackState{
		Properties: text(s.properties), Masked: text(s.masked), Literal: text(s.literal), Metadata: text(s.metadata),
		Attrs: s.attrs, Tags: s.tags,
	}
	w.write(func(tx store.Tx) error { return w.s.PutState(tx, w.e.Keyring(), n, rec) })
	return &directory.Incarnation{Type: typ, Physical: physical, State: n}
}

func text(n *tree.Node) string {
	if n == nil {
		return ""
	}
	return n.JSON()
}

// wanted is what a resource of a side is to be, as far as that is known without asking
// anybody: its properties are still to be made of literal.
func (w *work) wanted(d *side, res *template.Resource, k *kind.Type) (*state, error) {
	s := &state{}
	l := &lookup{w: w}
	var err error
	if s.literal, err = d.bound.Resolve(res.Properties, l); err != nil {
		return nil, err
	}
	s.literal, _ = k.Schema.Check(s.literal)
	if s.masked, err = d.masked.Resolve(res.Properties, &lookup{w: w, masked: true}); err != nil {
		return nil, err
	}
	if s.metadata, err = d.bound.Resolve(res.Metadata, l); err != nil {
		return nil, err
	}
	if k.Schema.Taggable {
		s.tags = slices.Clone(d.inputs.Tags)
	}
	return s, nil
}

// lookup answers references with what the stack's resources are now.
type lookup struct {
	w      *work
	masked bool
}

// Ref is a resource's physical ID.
func (l *lookup) Ref(logical string) (*tree.Node, error) {
	r := l.w.resources[logical]
	if r == nil || r.Now == nil {
		return nil, absent(logical)
	}
	return tree.Text(r.Now.Physical), nil
}

// absent is the error of a reference to a resource that there is not.
func absent(logical string) error {
	return &template.Error{Message: fmt.Sprintf("Resource %s does not exist", logical)}
}

// Attr is a resource's attribute.
func (l *lookup) Attr(logical, name string) (*tree.Node, error) {
	r := l.w.resources[logical]
	if r == nil || r.Now == nil {
		return nil, absent(logical)
	}
	value, ok := r.now.attrs[name]
	if !ok {
		return nil, &template.Error{Message: fmt.Sprintf("Template error: resource %s does not support attribute type %s in Fn::GetAtt", logical, name)}
	}
	if l.masked && slices.Contains(kind.Find(r.Type).Schema.Secret, name) {
		return tree.Text("****"), nil
	}
	return tree.Text(value), nil
}

// complete makes the properties of what was wanted, dynamic references resolved, and
// refuses what the type does not take.
func (s *state) complete(ctx context.Context, api kind.API, k *kind.Type) error {
	found, err := template.Substitute(s.literal, func(ref template.DynamicRef) (string, error) {
		return dynamic(ctx, api, ref)
	})
	if err != nil {
		return err
	}
	var violations []string
	if s.properties, violations = k.Schema.Check(found); len(violations) > 0 {
		return kind.Invalid(strings.Join(violations, "\n"))
	}
	return systemTags(s.properties.Get("Tags"))
}

// systemTags refuses tags that only CloudFormation itself may set.
func systemTags(tags *tree.Node) error {
	if tags == nil {
		return nil
	}
	keys := make([]string, 0, len(tags.Items)+len(tags.Fields))
	for _, item := range tags.Items {
		if key := item.Get("Key"); key != nil {
			keys = append(keys, key.Text)
		}
	}
	for i := range tags.Fields { // of a parameter
		keys = append(keys, tags.Fields[i].Key)
	}
	for _, key := range keys {
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return kind.Failed("aws: prefixed tag key names are not allowed for external use.")
		}
	}
	return nil
}

// resourceOf is a resource as its handlers get it.
func (w *work) resourceOf(r *resource, k *kind.Type, s *state) kind.Resource {
	res := identity(w.s, &r.StackResource, k, s)
	res.Token, res.Now, res.Since = r.Step, w.e.Now(), r.Updated.Time()
	res.Capabilities = w.target.inputs.Capabilities
	return res
}

// identity is what a resource is, whatever is done to it.
func identity(of *directory.Stack, rec *directory.StackResource, k *kind.Type, s *state) kind.Resource {
	res := kind.Resource{Account: of.Account, Region: of.Region, Stack: of.Name, StackID: of.ARN(), Logical: rec.Logical}
	if rec.Now != nil {
		res.Physical = rec.Now.Physical
	}
	if k.Schema.SystemTags {
		res.Tags = append(res.Tags,
			kind.Tag{Key: "aws:cloudformation:stack-name", Value: of.Name},
			kind.Tag{Key: "aws:cloudformation:logical-id", Value: rec.Logical},
			kind.Tag{Key: "aws:cloudformation:stack-id", Value: of.ARN()})
	}
	res.Tags = append(res.Tags, kindTags(s.tags)...)
	return res
}

func kindTags(tags []directory.Tag) []kind.Tag {
	var list []kind.Tag
	for _, t := range tags {
		list = append(list, kind.Tag{Key: t.Key, Value: t.Value})
	}
	return list
}
