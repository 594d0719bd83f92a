package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Bind binds the template of inputs for a stack, and says which exports it imports.
func Bind(r store.Reader, ring *seal.Keyring, s *directory.Stack, in *directory.StackInputs) (*template.Bound, []string, error) {
	t, err := Template(in)
	if err != nil {
		return nil, nil, err
	}
	var imports []string
	inputs := Inputs(s, in)
	inputs.Import = func(name string) (string, bool) {
		e, err := directory.GetExport(r, s.Account, s.Region, name)
		if err != nil || e == nil {
			return "", false
		}
		value, err := e.Value(ring, s.Account, s.Region)
		if err != nil {
			return "", false
		}
		if !slices.Contains(imports, name) {
			imports = append(imports, name)
		}
		return value, true
	}
	bound, err := t.Bind(inputs)
	if err == nil && strings.Contains(in.Template+in.Processed, "ImportValue") {
		resolveAll(bound)
	}
	return bound, imports, err
}

// resolveAll resolves all that does not depend on resources: what a template imports does
// not. What can't be resolved fails where it is needed.
func resolveAll(b *template.Bound) {
	for _, res := range b.Resources() {
		_, _ = b.Resolve(res.Properties, unknowns{})
	}
	for _, o := range b.Outputs() {
		_, _ = b.Resolve(o.Value, unknowns{})
	}
}

// unknowns knows no resource.
type unknowns struct{}

func (unknowns) Ref(string) (*tree.Node, error) { return &tree.Node{Kind: tree.Unknown}, nil }

func (unknowns) Attr(string, string) (*tree.Node, error) { return &tree.Node{Kind: tree.Unknown}, nil }

// Template is the template of inputs, its macros run.
func Template(in *directory.StackInputs) (*template.Template, error) {
	if in.Processed != "" {
		return template.ParseProcessed(in.Processed)
	}
	return template.Parse(in.Template)
}

// Inputs are what a template's functions can ask for, imports aside.
func Inputs(s *directory.Stack, in *directory.StackInputs) template.Inputs {
	return template.Inputs{
		Parameters: in.Parameters,
		SSM:        in.Resolved,
		Pseudo: template.Pseudo{
			AccountID: string(s.Account), Region: s.Region, Partition: "aws", URLSuffix: "amazonaws.com",
			StackID: s.ARN(), StackName: s.Name, NotificationARNs: in.NotificationARNs,
		},
	}
}

func asTemplateError(err error) (*template.Error, bool) { return errors.AsType[*template.Error](err) }

// outputs are those of a side, with its resources as they are now.
func (w *work) outputs(d *side) ([]directory.StackOutput, error) {
	var all []directory.StackOutput
	l := &lookup{w: w}
	for _, o := range d.bound.Outputs() {
		value, err := d.bound.Resolve(o.Value, l)
		if err != nil {
			return nil, err
		}
		made := directory.StackOutput{Key: o.Name, Description: o.Description}
		if made.Value, err = scalar(o.Name, value); err != nil {
			return nil, err
		}
		if o.Export != nil {
			name, err := d.bound.Resolve(o.Export, l)
			if err != nil {
				return nil, err
			}
			if made.Export, err = scalar(o.Name, name); err != nil {
				return nil, err
			}
		}
		all = append(all, made)
	}
	return all, nil
}

func scalar(output string, n *tree.Node) (string, error) {
	if !n.Scalar() {
		return "", &template.Error{Message: "Template format error: Output " + output + " is malformed. The Value field of every Outputs member must evaluate to a String"}
	}
	return n.Text, nil
}

// publish makes outputs those of the stack, and its exports. One that is in use stays
// what it is, and one of another stack, too: that is a template.Error.
func (w *work) publish(ctx context.Context, outputs []directory.StackOutput) error {
	var was []directory.StackOutput
	err := w.e.Store.View(ctx, func(r store.Reader) (err error) {
		if was, err = w.s.GetOutputs(r, w.e.Keyring()); err != nil {
			return err
		}
		return w.checkExports(r, was, outputs)
	})
	if err != nil {
		return err
	}
	w.write(func(tx store.Tx) error { return w.s.PutOutputs(tx, w.e.Keyring(), outputs) })
	for _, o := range was {
		if o.Export != "" && exported(outputs, o.Export) == nil {
			w.write(func(tx store.Tx) error { return w.s.DeleteExport(tx, o.Export) })
		}
	}
	for _, o := range outputs {
		if o.Export != "" {
			w.write(func(tx store.Tx) error { return w.s.PutExport(tx, w.e.Keyring(), o.Export, o.Value) })
		}
	}
	return nil
}

// exported is the output that has an export's name; nil for none.
func exported(outputs []directory.StackOutput, name string) *directory.StackOutput {
	i := slices.IndexFunc(outputs, func(o directory.StackOutput) bool { return o.Export == name })
	if i < 0 {
		return nil
	}
	return &outputs[i]
}

func (w *work) checkExports(r store.Reader, was, outputs []directory.StackOutput) error {
	for _, o := range outputs {
		if o.Export == "" {
			continue
		}
		e, err := directory.GetExport(r, w.s.Account, w.s.Region, o.Export)
		if err != nil {
			return err
		}
		if e != nil && e.Stack != w.s.ID {
			return w.exportTaken(r, e)
		}
	}
	for _, o := range was {
		is := exported(outputs, o.Export)
		if o.Export == "" || is != nil && is.Value == o.Value {
			continue
		}
		user, err := w.importer(r, o.Export)
		if err != nil {
			return err
		}
		verb := "update"
		if is == nil {
			verb = "delete"
		}
		if user != "" {
			return &template.Error{Message: fmt.Sprintf("Cannot %s export %s as it is in use by %s", verb, o.Export, user)}
		}
	}
	return nil
}

func (w *work) exportTaken(r store.Reader, e *directory.Export) error {
	other, err := directory.GetStack(r, w.s.Account, w.s.Region, e.Stack)
	if err != nil {
		return err
	}
	name := e.Stack
	if other != nil {
		name = other.Name
	}
	return &template.Error{Message: fmt.Sprintf("Export with name %s is already exported by stack %s. Rollback requested by user", e.Name, name)}
}

// importer is the name of a stack that imports what has that name; "" for none.
func (w *work) importer(r store.Reader, export string) (string, error) {
	for i, err := range directory.ListImports(r, w.s.Account, w.s.Region, export, "") {
		return i.Name, err
	}
	return "", nil
}

// inUse says which export of the stack keeps it from being deleted; "" for none.
func (w *work) inUse(ctx context.Context) (reason string, err error) {
	err = w.e.Store.View(ctx, func(r store.Reader) error {
		outputs, err := w.s.GetOutputs(r, w.e.Keyring())
		if err != nil {
			return err
		}
		for _, o := range outputs {
			if o.Export == "" {
				continue
			}
			user, err := w.importer(r, o.Export)
			if err != nil {
				return err
			}
			if user != "" {
				reason = fmt.Sprintf("Export %s cannot be deleted as it is in use by %s", o.Export, user)
				return nil
			}
		}
		return nil
	})
	return reason, err
}

// revert makes the outputs those of the former template again, where they are not.
func (w *work) revert(ctx context.Context) error {
	outputs, err := w.outputs(w.former)
	if err == nil {
		err = w.publish(ctx, outputs)
	}
	if _, refused := asTemplateError(err); refused {
		return nil // they are as they were: nobody else has changed them
	}
	return err
}

// unimport ends the imports of a side that the other one, which may be nil, does not have.
func (w *work) unimport(d, other *side) {
	for _, name := range d.imports {
		if other == nil || !slices.Contains(other.imports, name) {
			w.write(func(tx store.Tx) error { return w.s.DeleteImport(tx, name) })
		}
	}
}

// removed is the end of a stack of which nothing is left.
func (w *work) removed(ctx context.Context) error {
	var outputs []directory.StackOutput
	err := w.e.Store.View(ctx, func(r store.Reader) (err error) {
		outputs, err = w.s.GetOutputs(r, w.e.Keyring())
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range outputs {
		if o.Export != "" {
			w.write(func(tx store.Tx) error { return w.s.DeleteExport(tx, o.Export) })
		}
	}
	w.unimport(w.target, nil)
	if w.s.Operation.Kind != Delete {
		return w.over(ctx, "ROLLBACK_COMPLETE", "")
	}
	w.s.Deleted = w.clock()
	return w.over(ctx, "DELETE_COMPLETE", "")
}

// SameOutputs reports whether two templates say the same of outputs.
func SameOutputs(a, b *template.Bound) bool {
	return slices.EqualFunc(a.Outputs(), b.Outputs(), func(x, y *template.Output) bool {
		return x.Name == y.Name && x.Description == y.Description && sameSource(a, x.Value, b, y.Value) && sameSource(a, x.Export, b, y.Export)
	})
}

// sameSource reports whether two values come to the same, resources aside.
func sameSource(a *template.Bound, x *tree.Node, b *template.Bound, y *tree.Node) bool {
	return tree.Equal(x, y) && slices.EqualFunc(a.References(x), b.References(y), func(p, q template.Reference) bool { return p == q }) && sameParameters(a, x, b)
}

// sameParameters reports whether the parameters that a value refers to have the same values.
func sameParameters(a *template.Bound, n *tree.Node, b *template.Bound) bool {
	for _, ref := range a.References(n) {
		if ref.Kind == template.ParameterRef && parameterValue(a, ref.Name) != parameterValue(b, ref.Name) {
			return false
		}
	}
	return true
}

func parameterValue(b *template.Bound, name string) string {
	for _, v := range b.Values() {
		if v.Name == name {
			return v.Given + "\x00" + v.Resolved
		}
	}
	return ""
}
