package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/store"
)

// Physical is the physical ID of a resource whose identifying properties have these
// values.
func Physical(k *kind.Type, identifier map[string]string) string {
	var parts []string
	for _, name := range k.Schema.Identifier {
		parts = append(parts, identifier[name])
	}
	return strings.Join(parts, "|")
}

// NotFound is why a resource can't be imported that is not there.
func NotFound(typ, physical string) string {
	return fmt.Sprintf("Resource of type '%s' with identifier '%s' was not found.", typ, physical)
}

// imports reports whether a resource is to be taken in, or was, rather than made.
func (w *work) imports(r *resource) bool { return w.s.Operation.Imports[r.Logical] != nil }

func (w *work) beginImport(st *step, k *kind.Type, again bool) action {
	r, want := st.of, st.state
	st.kind = imports
	r.Type = k.Name
	w.beginStep(r)
	physical := Physical(k, w.s.Operation.Imports[r.Logical])
	if !again {
		w.tell(r, "IMPORT_IN_PROGRESS", "Resource import started.", physical, text(want.masked))
	}
	w.keep(r)
	res := w.resourceOf(r, k, want)
	res.Physical = physical
	return func(ctx context.Context, api kind.API) (kind.Result, error) {
		if err := want.complete(ctx, api, k); err != nil {
			return kind.Result{}, err
		}
		is, found, err := k.Read(ctx, api, res, nil)
		if err != nil {
			return kind.Result{}, err
		}
		if is == nil {
			return kind.Result{}, kind.Failed(NotFound(k.Name, physical))
		}
		if k.Schema.Taggable && len(res.Tags) > 0 {
			_, err = k.Update(ctx, api, res, want.properties, want.properties)
		}
		return found, err
	}
}

// doneImport writes down how an import ended.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
func (w *work) doneImport(st *step, o *outcome) {
	r, masked := st.of, text(st.state.masked)
	r.Begun = false
	if o.err != nil {
		physical := Physical(kind.Find(r.Type), w.s.Operation.Imports[r.Logical])
		w.tell(r, "IMPORT_FAILED", w.reason(st, o.err, true), physical, masked)
		w.keep(r)
		return
	}
	physical := o.result.Physical
	w.become(st, physical, o.result.Attrs)
	w.tell(r, "IMPORT_COMPLETE", "Resource import completed.", physical, masked)
	w.tell(r, "UPDATE_IN_PROGRESS", "Apply stack-level tags to imported resource if applicable.", physical, masked)
	w.tell(r, "UPDATE_COMPLETE", "", physical, masked)
	r.Done = w.wentForward()
	w.keep(r)
}

// imported is the end of an import that went well.
func (w *work) imported(ctx context.Context) error {
	if w.former != nil {
		w.unimport(w.former, w.target)
	}
	return w.over(ctx, "IMPORT_COMPLETE", "")
}

// letGo takes an import back: what was taken in stays as it is, and belongs to no stack.
func (w *work) letGo(ctx context.Context) error {
	for _, r := range w.touched() {
		switch {
		case r.Before != nil:
			continue
		case r.Now != nil:
			w.tell(r, "IMPORT_ROLLBACK_IN_PROGRESS", "", r.Now.Physical, "")
			w.tell(r, "IMPORT_ROLLBACK_COMPLETE", "", r.Now.Physical, "")
		}
		w.drop(r)
	}
	w.unimport(w.target, w.former)
	if op := w.s.Operation; op.Former != "" {
		w.s.Inputs, op.Former = op.Former, w.s.Inputs
	}
	return w.over(ctx, "IMPORT_ROLLBACK_COMPLETE", "")
}

// dropChangeSets removes the change sets of the stack, one by one: together they may be
// too much for a transaction.
func (w *work) dropChangeSets(ctx context.Context) error {
	var sets []*directory.ChangeSet
	err := w.e.Store.View(ctx, func(r store.Reader) (err error) {
		sets, err = w.s.ChangeSets(r)
		return err
	})
	for i := 0; i < len(sets) && err == nil; i++ {
		err = w.e.Store.Update(ctx, func(tx store.Tx) error { return w.s.DeleteChangeSet(tx, sets[i].ID) })
	}
	return err
}
